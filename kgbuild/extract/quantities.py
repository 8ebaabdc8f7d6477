"""A number in a text says one thing of one entity: the fact that is surest, of all that are read of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

Read = tuple[tuple[int, int, int], float]
"""Subject, property and object, and how sure they are."""


def one_fact_each(
    facts: Sequence[Read], numbers: Collection[int], groups: Sequence[Sequence[int]]
) -> list[Read]:
    """The facts, of each number only those of its surest property and subject, in order.

    `numbers` are positions of mentions; mentions in one of the `groups` are one subject.

    >>> read = [((0, 7, 4), 0.9), ((1, 7, 4), 0.6), ((0, 8, 4), 0.5), ((2, 7, 4), 0.4), ((1, 7, 3), 0.2)]
    >>> one_fact_each(read, {4}, [(0, 2)])
    [((0, 7, 4), 0.9), ((2, 7, 4), 0.4), ((1, 7, 3), 0.2)]
    """
    owner = {member: group[0] for group in groups for member in group}
    surest: dict[int, tuple[float, int, int]] = {}
    for (subject, column, number), score in facts:
        if number in numbers:
            told = score, owner.get(subject, subject), column
            surest[number] = max(surest.get(number, told), told)
    return [
        ((subject, column, number), score)
        for (subject, column, number), score in facts
        if number not in surest or surest[number][1:] == (owner.get(subject, subject), column)
    ]
