"""Which mentions lie around others, as an office around the place that it is of."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from kgbuild.records import Mention


def around_others(mentions: Sequence[Mention]) -> frozenset[int]:
    """The positions of mentions that hold another one, in any order.

    >>> from kgbuild.records import Label
    >>> georgia = Mention(12, 19, "Georgia", Label.LOCATION, 1.0)
    >>> office = Mention(0, 19, "governor of Georgia", Label.OTHER, 1.0)
    >>> sorted(around_others([georgia, office]))
    [1]
    """
    order = sorted(range(len(mentions)), key=lambda at: (mentions[at].start, -mentions[at].end))
    return frozenset(
        outer
        for outer, inner in pairwise(order)
        if mentions[inner].end <= mentions[outer].end
        and (mentions[inner].start, mentions[inner].end) != (mentions[outer].start, mentions[outer].end)
    )
