"""What of a group of mentions as a whole, and of all its candidates, speaks for or against a link."""

from __future__ import annotations

from collections.abc import Sequence
from math import log1p

from kgbuild.link.asking import Asked
from kgbuild.link.demonyms import country_of
from kgbuild.link.likeness import LONGER, SIMILARITY, Forms
from kgbuild.link.surface import Group, is_name
from kgbuild.link.usage import before_noun
from kgbuild.records import Extraction, Label

LABELS = (Label.PERSON, Label.ORGANISATION, Label.LOCATION, Label.OTHER)
FEATURES = (
    "bias",
    "candidates",
    "exact_candidates",
    "no_exact",
    "best_similarity",
    "best_exact_prior",
    "one_word",
    "words",
    "is_name",
    "all_capitals",
    "has_longer",
    "longer_known",
    "wider_known",
    "mentions",
    "is_demonym",
    "before_noun",
    "after_title",
    "sport",
    "people",
    "after_in",
    "asks_for_people",
    "label_unknown",
    *(f"label_{label.value}" for label in LABELS),
)

_TITLES = frozenset(
    [
        *("mr", "mrs", "ms", "dr", "prof", "professor", "president", "senator", "sen", "rep", "coach"),
        *(
            "manager",
            "captain",
            "spokesman",
            "spokeswoman",
            "sgt",
            "sir",
            "judge",
            "justice",
            "king",
            "queen",
        ),
        *("prince", "pope", "minister", "chief", "lawyer", "attorney", "director", "mayor", "gov"),
    ]
)


def features(
    group: Group,
    forms: Forms,
    names: Sequence[tuple[float, ...]],
    same: Sequence[float],
    longer: Sequence[tuple[float, ...]],
) -> tuple[float, ...]:
    """The first of `FEATURES`: `names` and `longer` are `likeness`' of each candidate, `same` the priors of
    those whose name is equal."""
    words = forms.normal[0].split() if forms.normal else []
    match, wider = LONGER.index("longer_match"), LONGER.index("wider_match")
    return (
        1.0,
        log1p(len(names)),
        log1p(len(same)),
        float(not same),
        max((row[SIMILARITY] for row in names), default=0.0),
        max(same, default=0.0),
        float(len(words) == 1),
        log1p(len(words)),
        float(bool(group.names) and is_name(group.name)),
        float(group.name.isupper()),
        float(bool(group.longer)),
        float(any(row[match] for row in longer)),
        float(any(row[wider] for row in longer)),
        log1p(len(group.members)),
    )


def use(group: Group, extraction: Extraction, text: str, playing: float, asked: Asked) -> tuple[float, ...]:
    """The others: how the text uses the first mention, how much it tells of sport, and the group's label."""
    mention = extraction.mentions[group.members[0]]
    before = (text[: mention.start].rsplit(None, 1)[-1:] or [""])[0].lower()
    adjective = country_of(group.name) is not None
    return (
        float(adjective),
        float(before_noun(mention, text)),
        float(before.rstrip(".") in _TITLES),
        playing,
        float(adjective and group.name.endswith("s")),
        float(before == "in"),
        asked.people,
        float(group.label is None),
        *(float(group.label is label) for label in LABELS),
    )
