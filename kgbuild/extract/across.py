"""A document's references from its windows': each mention's from the window in which it has most context.

Names that have no antecedent there, and people's full ones, are compared with all before by how they are
written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kgbuild.extract.coreference import References
from kgbuild.extract.encode import Range
from kgbuild.extract.given_names import has_title
from kgbuild.extract.labels import PRONOUN
from kgbuild.extract.mentions import Found
from kgbuild.extract.referents import Referents
from kgbuild.extract.speech import NOBODY
from kgbuild.extract.strings import name_key
from kgbuild.records import Label, Mention


@dataclass(frozen=True, slots=True)
class ReferenceView:
    """A window's mentions but offices, at the positions `inside`, with antecedent logits as in
    `References.of`."""

    window: Range
    inside: NDArray[np.int64]
    scores: NDArray[np.float32]
    matched: NDArray[np.int64]
    referents: Referents


def joined(found: Found, referents: Referents, views: Sequence[ReferenceView]) -> References:
    """The references of a document, of which `views` are the windows in order.

    A pronoun in the overlap of two windows that has more context in the first is known in the second.
    """
    count = len(found.mentions)
    antecedent, certainty, room = np.full(count, NOBODY), np.ones(count), np.full(count, -1)
    owner = np.arange(count)
    for view in views:
        window, inside = view.window, view.inside
        context = np.minimum(found.first[inside] - window.begin, window.end - found.last[inside])
        better = context > room[inside]
        told = References.of(
            view.scores, view.matched, _going_on(view, referents, owner, np.flatnonzero(~better))
        )
        antecedent[inside[better]] = np.where(told.antecedent >= 0, inside[told.antecedent], NOBODY)[better]
        certainty[inside[better]] = told.certainty[better]
        for place in inside[better].tolist():
            owner[place] = place if antecedent[place] == NOBODY else owner[antecedent[place]]
        room[inside] = np.maximum(room[inside], context)
    return References(_across(found, antecedent), certainty)


def _going_on(
    view: ReferenceView, document: Referents, owner: NDArray[np.int64], decided: NDArray[np.int64]
) -> Referents:
    """What refers in a window, with whose the mentions at some places of it were decided to be before.

    `owner` is the first mention of each one's entity, by positions in the document.
    """
    here = view.referents
    meant = dict(zip(decided.tolist(), owner[view.inside[decided]].tolist(), strict=True))
    named = {entity: place for place, entity in reversed(meant.items()) if not here.pronoun[place]}
    head, kinds, sex = (each.copy() for each in (here.head, here.kinds, here.sex))
    carried = here.carried.copy()
    for place, entity in meant.items():
        if here.pronoun[place] and entity != view.inside[place]:
            if entity in named:
                head[place] = named[entity]
            else:
                named[entity], carried[place] = place, True
                kinds[place], sex[place] = document.kinds[entity], document.sex[entity] or here.sex[place]
    return replace(here, head=head, kinds=kinds, sex=sex, carried=carried)


def _across(found: Found, antecedent: NDArray[np.int64]) -> NDArray[np.int64]:
    """The antecedents, with the last equal name, or a person's name in full, for a name that has none.

    A person's first and last name, without a title, is that of the last person who had it, whatever its
    window tells.
    """
    names = {
        place: name_key(mention.text)
        for place, mention in enumerate(found.mentions)
        if found.label[place] != PRONOUN and not mention.label.is_value and not found.office[place]
    }
    full, chosen, last = full_names(found.mentions, names), antecedent.copy(), dict[str, int]()
    people: dict[str, int] = {}
    for place, name in names.items():
        person = found.mentions[place].label is Label.PERSON and " " in name and not has_title(name)
        if person and name in people:
            chosen[place] = people[name]
        elif chosen[place] == NOBODY:
            chosen[place] = last.get(name, full.get(place, NOBODY))
        last[name] = place
        if person:
            people[name] = place
    return chosen


def full_names(mentions: Sequence[Mention], names: Mapping[int, str]) -> dict[int, int]:
    """Where each person's name of one word stands in full first, if one person alone has that word.

    `names` are the names at their places, as `name_key` has them.

    >>> people = ["Hahn", "Otto Hahn", "Curie", "Marie Curie", "Pierre Curie", "Professor Otto Hahn"]
    >>> mentions = [Mention(0, 1, each, Label.PERSON, 1.0) for each in people]
    >>> full_names(mentions, {place: name_key(each) for place, each in enumerate(people)})
    {0: 1}
    """
    people = {place: name for place, name in names.items() if mentions[place].label is Label.PERSON}
    longer: dict[str, dict[str, int]] = defaultdict(dict)
    for place, name in people.items():
        words = name.split()
        for word in words if len(words) > 1 else ():
            longer[word].setdefault(name, place)
    whole: dict[str, int] = {}
    for word, found in longer.items():
        shortest = min(found, key=len)
        if all(set(shortest.split()) <= set(each.split()) for each in found):
            whole[word] = found[shortest]
    return {place: whole[name] for place, name in people.items() if name in whole}
