"""Relations as some extractor calls them, in words, to properties of the target ontology.

In goes a name such as "was born in", "CEO of", "schema:founder" or "place_of_birth"; out come the
properties that it may mean, each with the direction in which it says them, and the relation as the
one of them has it that fits its two ends.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from kgbuild.facts.check import End, Violation, find_violation
from kgbuild.iris import PREFIXES
from kgbuild.ontology import Ontology, ValueKind
from kgbuild.records import Attribute, Extraction, Relation

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT_A_WORD = re.compile(r"[\W_]+")
_LEAD = re.compile(
    r"^(?:(?:is|was|are|were|be|been|being|has|have|had|will|became|becomes|serves|served|as|also|the|an?)\s+)+"
)
_PASSIVE = re.compile(r"^(?:\w+ )*?(?:is|was|are|were|been|being)\b")
_PLACE = re.compile(r" (?:(?P<of_whom>at|for|with)|in|on)$")
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|ed|es|s)$")
_PREFIXES = {**PREFIXES, "dbo": "http://dbpedia.org/ontology/", "dbpedia-owl": "http://dbpedia.org/ontology/"}


Alike = Callable[[str], tuple[str, float] | None]
"""The property with the name that is most like some words, and the cosine of the two."""

ALIKE = 0.9
"""Least cosine; docs/decisions/023-names-that-are-alike.md has the figures."""


@dataclass(frozen=True, slots=True, order=True)
class Meaning:
    """A property that a name may mean; `backwards` where the name's subject is the property's object."""

    property: str
    backwards: bool = False


class RelationNames:
    """The names of an ontology's properties, in the forms in which relations are told."""

    def __init__(self, ontology: Ontology) -> None:
        self._properties = ontology.properties
        self._identifiers: dict[str, str] = {}
        self._labels: defaultdict[str, set[str]] = defaultdict(set)
        self._names: defaultdict[str, set[str]] = defaultdict(set)
        self._stems: defaultdict[str, set[str]] = defaultdict(set)
        for pid, each in ontology.properties.items():
            for iri in each.identifiers:
                self._identifiers[iri] = pid
            self._labels[words(each.label)].add(pid)
            for name in (each.label, *each.aliases):
                self._names[words(name)].add(pid)
                self._stems[_stem(words(name))].add(pid)

    def meanings(self, name: str) -> Iterator[tuple[Meaning, ...]]:
        """What a name may mean, the surest way of reading it first; nothing where it is unknown.

        The ways are: an identifier (PID, IRI, abbreviated IRI), a label, an alias; the name of a role
        in "CEO of", which tells the relation backwards; a verb whose passive is an alias ("directed"
        for "directed by"), backwards as well; and the word's stem, whatever the ending.

        >>> from kgbuild.ontology import load_ontology
        >>> names = RelationNames(load_ontology())
        >>> next(names.meanings("was born in")), next(names.meanings("CEO of"))
        ((Meaning(property='P19', backwards=False),), (Meaning(property='P169', backwards=True),))
        """
        identifier = self._identifier(name)
        if identifier:
            yield (Meaning(identifier),)
            return
        plain = words(name)
        bare = _LEAD.sub("", plain)
        role = bare.removesuffix(" of") if bare.endswith(" of") else ""
        passive = "" if _PASSIVE.match(plain) or bare.endswith(" by") else f"{bare} by"
        ways: tuple[tuple[Callable[[str], Iterable[str]], str, bool], ...] = (
            (self._labelled, plain, False),
            (self._labelled, bare, False),
            (self._labelled, role, True),
            (self._named, role, True),
            (self._named, plain, False),
            (self._named, bare, False),
            (self._named, passive, True),
            (self._stemmed, bare, False),
        )
        for look_up, form, backwards in ways:
            found = tuple(Meaning(pid, backwards) for pid in sorted(look_up(form))) if form else ()
            if found:
                yield found

    def _identifier(self, name: str) -> str | None:
        if name in self._properties:
            return name
        prefix, colon, local = name.partition(":")
        iri = _PREFIXES[prefix] + local if colon and prefix in _PREFIXES else name
        return self._identifiers.get(iri.replace("https://schema.org/", "http://schema.org/"))

    def _labelled(self, form: str) -> Iterable[str]:
        return self._labels.get(form, ())

    def _named(self, form: str) -> Iterable[str]:
        return self._names.get(form, ())

    def _stemmed(self, form: str) -> Iterable[str]:
        return self._stems.get(_stem(form), ())


def words(name: str) -> str:
    """A name in small letters, its words apart by one space.

    >>> words("place_of_birth"), words("birthPlace"), words("Was born  in")
    ('place of birth', 'birth place', 'was born in')
    """
    return _NOT_A_WORD.sub(" ", _CAMEL.sub(" ", name)).casefold().strip()


def with_properties(
    extraction: Extraction, ontology: Ontology, end: Callable[[int], End], alike: Alike | None = None
) -> tuple[Extraction, list[Violation]]:
    """An extraction with the names of its relations made properties, and why some are none.

    `end` is that of a mention's position. What has properties already is given back as it is. A name
    that no property has is that of the one that has a name `alike`, where one is near enough.
    """
    said: tuple[Relation | Attribute, ...] = (*extraction.relations, *extraction.attributes)
    if all(each.property in ontology.properties for each in said):
        return extraction, []
    names = _names(_Versioned(ontology))
    read = [
        each if each.property in ontology.properties else read_relation(each, names, ontology, end, alike)
        for each in said
    ]
    normalised = replace(
        extraction,
        relations=tuple(each for each in read if isinstance(each, Relation)),
        attributes=tuple(each for each in read if isinstance(each, Attribute)),
    )
    return normalised, [each for each in read if isinstance(each, Violation)]


@dataclass(frozen=True, slots=True, eq=False)
class _Versioned:
    """An ontology that is equal to another one of its version, to be remembered by."""

    ontology: Ontology

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Versioned) and other.ontology.version == self.ontology.version

    def __hash__(self) -> int:
        return hash(self.ontology.version)


@lru_cache(maxsize=4)
def _names(key: _Versioned) -> RelationNames:
    return RelationNames(key.ontology)


def read_relation(
    relation: Relation | Attribute,
    names: RelationNames,
    ontology: Ontology,
    end: Callable[[int], End],
    alike: Alike | None = None,
) -> Relation | Attribute | Violation:
    """A relation with its property and direction put right, or why it has none; `end` is of a mention.

    Of the properties that a name may mean, the one counts whose domain and range fit; where none fits
    as the name says it, the other direction is tried. ("Ada CEO Acme" is Acme's chief executive.)
    Where several fit, the name is ambiguous.
    """
    first: Violation | None = None
    told = [*names.meanings(relation.property)] or _alike(words(relation.property), alike, ontology)
    for meanings in told:
        for turned in (False, True) if isinstance(relation, Relation) else (False,):
            tried = [_as(relation, each, turned=turned) for each in meanings]
            faults = [_fault(each, ontology, end) for each in tried]
            fitting = [each for each, fault in zip(tried, faults, strict=True) if fault is None]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                known = ", ".join(sorted({each.property for each in fitting}))
                return Violation("ambiguous relation", f"{relation.property!r} may be any of {known}")
            first = first or next(filter(None, faults), None)
    return first or Violation("unknown property", f"{relation.property} is not in the ontology")


def _alike(name: str, alike: Alike | None, ontology: Ontology) -> list[tuple[Meaning, ...]]:
    """What a name that nothing has means by the name that is most like it."""
    near = alike(name) if alike and name else None
    known = near is not None and near[0] in ontology.properties
    return [(Meaning(near[0]),)] if near and known and near[1] >= ALIKE else []


def _as(relation: Relation | Attribute, meaning: Meaning, *, turned: bool) -> Relation | Attribute:
    """A relation as a name's meaning has it."""
    if isinstance(relation, Attribute) or meaning.backwards == turned:
        return replace(relation, property=meaning.property)
    return replace(relation, property=meaning.property, subject=relation.object, object=relation.subject)


def _fault(relation: Relation | Attribute, ontology: Ontology, end: Callable[[int], End]) -> Violation | None:
    """The rule that a relation breaks, also by having a literal for an item or the reverse."""
    kind = ontology.properties[relation.property].kind
    if (kind is ValueKind.ITEM) != isinstance(relation, Relation):
        rule = f"the values of {relation.property} are of the kind {kind}"
        return Violation("range", rule)
    value = end(relation.object) if isinstance(relation, Relation) else None
    return find_violation(ontology, relation.property, end(relation.subject), value)


def _stem(form: str) -> str:
    """The words of a name without their endings; "at" and "for", "in" and "on" are one at the end."""
    last = _PLACE.search(form)
    bare = form[: last.start()] if last else form
    sign = "" if last is None else " at" if last["of_whom"] else " in"
    return " ".join(_ENDING.sub("", word) for word in bare.split()) + sign
