"""The entity types of other inventories in kgbuild's six labels.

Covered are CoNLL-2003 and wikigold, WNUT17, CrossNER's five domains, OntoNotes (spaCy's English
models), CoNLL04 and DocRED. A type maps to None where what it holds is no name, date or number:
genres, fields, tasks, substances. kgbuild does not tag those.
"""

from __future__ import annotations

from kgbuild.records import Label

_NAMES: dict[Label, str] = {
    Label.PERSON: "person per peop politician writer musicalartist researcher scientist",
    Label.ORGANISATION: "organisation organization org group corporation band politicalparty university",
    # Nationalities are locations in DocRED, and so here (decision 012)
    Label.LOCATION: "location loc gpe fac facility country norp",
    Label.TIME: "time date",
    Label.NUMBER: "number num percent money quantity cardinal",
    Label.OTHER: (
        "other misc blank product creativework workofart event law language award album song book poem "
        "magazine academicjournal election conference astronomicalobject programlang"
    ),
}
_CONCEPTS = (
    "musicgenre literarygenre musicalinstrument field task algorithm metrics discipline theory "
    "chemicalelement chemicalcompound enzyme protein ordinal"
)

ENTITY_TYPES: dict[str, Label | None] = {
    **{name: label for label, names in _NAMES.items() for name in names.split()},
    **dict.fromkeys(_CONCEPTS.split()),
}
"""By type names in lower case, without hyphens and underscores."""


def label_of(type: str) -> Label | None:
    """The label of a type, None where kgbuild has none for it; ValueError where the type is unknown.

    >>> label_of("PER"), label_of("creative-work"), label_of("WORK_OF_ART"), label_of("musicgenre")
    (<Label.PERSON: 'person'>, <Label.OTHER: 'other'>, <Label.OTHER: 'other'>, None)
    """
    key = type.casefold().replace("-", "").replace("_", "")
    if key not in ENTITY_TYPES:
        raise ValueError(
            f"the entity type {type!r} is unknown; rename it to one of {', '.join(Label)} "
            "(docs/data.md lists the names of other inventories that are understood)"
        )
    return ENTITY_TYPES[key]
