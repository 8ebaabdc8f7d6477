"""The label inventory: BIO tags over six entity types, pronouns, and texts of properties.

The types are those of DocRED (Yao et al., ACL 2019): the largest corpus with entities, coreference
and Wikidata relations annotated together uses them. Pronouns are a closed class, so they are
listed rather than tagged; their type is their antecedent's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from kgbuild.extract.descriptions import DESCRIPTIONS
from kgbuild.pronouns import HE, SHE, SPEAKING, THEY
from kgbuild.records import Label

LABELS: tuple[Label, ...] = tuple(Label)
TAGS: tuple[str, ...] = ("O", *(f"{side}-{label}" for label in LABELS for side in "BI"))
"""Tag 0 is outside; label number n has the tags 1 + 2n (begin) and 2 + 2n (inside)."""

PRONOUN = len(LABELS)
"""Label number of a pronoun or definite description in the network's label embedding."""
UNKNOWN = PRONOUN + 1
"""Label number of a mention whose type is not known."""

_ANY = (Label.PERSON, Label.ORGANISATION, Label.LOCATION, Label.OTHER)
_PERSON = (Label.PERSON,)
_GROUP = (Label.PERSON, Label.ORGANISATION)
_THING = (Label.ORGANISATION, Label.LOCATION, Label.OTHER)

PRONOUNS: dict[str, tuple[Label, ...]] = {
    **dict.fromkeys(sorted(HE | SHE), _PERSON),
    **dict.fromkeys(sorted(SPEAKING), _PERSON),
    **dict.fromkeys(("who", "whom"), _GROUP),
    **dict.fromkeys(sorted(THEY), _GROUP),
    **dict.fromkeys(("we", "us", "our", "ours", "ourselves"), _GROUP),
    **dict.fromkeys(("it", "its", "itself", "which"), _THING),
    **dict.fromkeys(("where",), (Label.LOCATION, Label.ORGANISATION)),
    **dict.fromkeys(("whose",), _ANY),
}
"""English pronouns, case-folded, and the types that their antecedents can have."""


def begin(label: Label) -> int:
    """The number of a label's begin tag.

    >>> TAGS[begin(Label.PERSON)]
    'B-person'
    """
    return 1 + 2 * LABELS.index(label)


def property_text(label: str, description: str, aliases: Sequence[str] = (), ends: str = "") -> str:
    """What the encoder reads of a property; `ends` names what it holds between.

    >>> property_text("spouse", "the subject has the object as their spouse", ["husband", "wife"])
    'spouse: the subject has the object as their spouse; also husband, wife'
    >>> property_text("director", "", ends="of work: human")
    'director; of work: human'
    """
    told = f"{label}: {description}" if description else label
    also = f"also {', '.join(aliases)}" if aliases else ""
    return "; ".join(filter(None, (told, ends, also)))


def is_pronoun(surface: str) -> bool:
    """Whether a surface form is an English pronoun; "US" and "IT" in capitals are names.

    >>> is_pronoun("She"), is_pronoun("US"), is_pronoun("I")
    (True, False, True)
    """
    folded = surface.casefold()
    return folded in PRONOUNS and (len(surface) == 1 or not surface.isupper())


@lru_cache(maxsize=1 << 16)
def antecedent_types(surface: str) -> tuple[Label, ...]:
    """The types of what a pronoun or definite description can stand for; none for a name.

    >>> [[each.value for each in antecedent_types(surface)] for surface in ("She", "The film", "Ada")]
    [['person'], ['other'], []]
    """
    if is_pronoun(surface):
        return PRONOUNS[surface.casefold()]
    described = DESCRIPTIONS.get(surface.casefold())
    return () if described is None else (described,)


def refers(surface: str) -> bool:
    """Whether a surface form is a pronoun or a definite description, and no name.

    >>> refers("it"), refers("The company"), refers("The Hague")
    (True, True, False)
    """
    return bool(antecedent_types(surface))


def sex(surface: str) -> int:
    """Whether a surface form is a pronoun of men (1) or of women (-1) alone; 0 for all others.

    >>> sex("His"), sex("she"), sex("Ada")
    (1, -1, 0)
    """
    folded = surface.casefold()
    return (folded in HE) - (folded in SHE)
