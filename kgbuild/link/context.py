"""What surrounds a mention: its sentence, its document, and the entities that the document names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

from kgbuild.link.demonyms import country_of
from kgbuild.link.names import normalise, variants
from kgbuild.link.profile import Profile, Profiles, words_of
from kgbuild.link.surface import Group, is_name
from kgbuild.link.usage import written_out
from kgbuild.records import Document, Extraction

WINDOW = 160
"""Characters on each side of a mention that are its near context."""

NEAR_MENTIONS = 4
SURE_SHARE = 0.5
"""Least share of the popularity of all bearers of a name at which its most popular one is company."""

FEATURES = (
    "near_words",
    "near_share",
    "document_words",
    "document_share",
    "rank_by_words",
    "rank_by_near_words",
    "facts_mentioned",
    "facts_near",
    "label_mentioned_in_full",
    "company_words",
    "company_share",
    "company_facts",
    "company_related",
)


@dataclass(frozen=True, slots=True)
class Company:
    """The likeliest entities of a document's other names, counted by what they share."""

    words: Counter[str]
    facts: Counter[str]
    names: Counter[str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The words and names of a document, and the company of each of its groups."""

    text: str
    words: frozenset[str]
    names: frozenset[str]
    company: Company
    best: tuple[Profile | None, ...]


def surroundings(
    document: Document, extraction: Extraction, groups: Sequence[Group], profiles: Sequence[Sequence[Profile]]
) -> Surroundings:
    """What of a document is compared with candidates; `profiles` are of each group's candidates."""
    telling = (m.text for m in extraction.mentions if m.label.is_value or is_name(m.text))
    best = tuple(_sure(group, held) for group, held in zip(groups, profiles, strict=True))
    company = Company(Counter(), Counter(), Counter())
    for profile in best:
        if profile is not None:
            company.words.update(profile.words)
            company.facts.update(profile.facts)
            company.names[profile.label] += 1
    names = frozenset(map(normalise, telling))
    countries = frozenset(normalise(country) for name in names if (country := country_of(name)))
    words = with_countries(words_of(document.text))
    return Surroundings(document.text, words | written_out(document.text), names | countries, company, best)


def with_countries(words: frozenset[str]) -> frozenset[str]:
    """Words, and those of the names of countries that adjectives among them belong to.

    >>> sorted(with_countries(frozenset(["french", "wine"])))
    ['france', 'french', 'wine']
    """
    countries = filter(None, map(country_of, words))
    return words.union(*(normalise(country).split() for country in countries))


def _sure(group: Group, profiles: Sequence[Profile]) -> Profile | None:
    """The most popular bearer of a group's name, where it is much more popular than the others."""
    if not group.names:
        return None
    forms = {normalise(group.name), *variants(group.name)}
    same = [profile for profile in profiles if not forms.isdisjoint(profile.names)]
    if not same:
        return None
    best = max(same, key=lambda profile: profile.entity.prior)
    total = sum(profile.entity.prior for profile in same)
    return best if best.entity.prior >= SURE_SHARE * total else None


def near_words(group: Group, extraction: Extraction, text: str) -> frozenset[str]:
    """Words near the first mentions of a group."""
    found: set[str] = set()
    for place in group.members[:NEAR_MENTIONS]:
        mention = extraction.mentions[place]
        around = text[max(0, mention.start - WINDOW) : mention.end + WINDOW]
        found |= words_of(around) | written_out(around)
    return frozenset(found)


def features(
    profiles: Sequence[Profile],
    near: frozenset[str],
    own: frozenset[str],
    around: Surroundings,
    best: Profile | None,
    weigh: Profiles,
) -> list[tuple[float, ...]]:
    """`FEATURES` of each candidate; `own` are the words of the group's names, `best` its own company."""
    far, close = around.words - own, near - own
    document = [weigh.weight(profile.words & far) for profile in profiles]
    nearby = [weigh.weight(profile.words & close) for profile in profiles]
    in_document, in_near = _ranks(document), _ranks(nearby)
    return [
        (
            log1p(nearby[place]),
            nearby[place] / profile.weight,
            log1p(document[place]),
            document[place] / profile.weight,
            in_document[place],
            in_near[place],
            log1p(len(profile.facts & around.names)),
            log1p(sum(fact in near for fact in profile.facts)),
            float(profile.label in around.names),
            *_company(profile, own, around.company, best, weigh),
        )
        for place, profile in enumerate(profiles)
    ]


def _ranks(values: Sequence[float]) -> list[float]:
    """The reciprocal rank of each value; equal values share the better rank.

    >>> _ranks([3.0, 5.0, 3.0])
    [0.5, 1.0, 0.5]
    """
    first: dict[float, int] = {}
    for place, value in enumerate(sorted(values, reverse=True)):
        first.setdefault(value, place)
    return [1.0 / (1 + first[value]) for value in values]


def _company(
    profile: Profile, own: frozenset[str], company: Company, best: Profile | None, weigh: Profiles
) -> tuple[float, ...]:
    """What a candidate shares with the entities of the document's other names."""
    held = best or profile
    left = 1 if best is not None else 0
    shared = weigh.weight(
        word for word in profile.words - own if company.words[word] > (left if word in held.words else 0)
    )
    facts = sum(company.facts[fact] > (left if fact in held.facts else 0) for fact in profile.facts)
    related = company.facts[profile.label] - (left if profile.label in held.facts else 0)
    related += sum(company.names[fact] > (left if fact == held.label else 0) for fact in profile.facts)
    return log1p(shared), shared / profile.weight, log1p(facts), log1p(max(related, 0))
