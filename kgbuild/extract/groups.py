"""Groups of mentions that share a member as one: union-find (Tarjan, JACM 1975)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def united(groups: Iterable[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """Groups that share a member as one, in order; a group of one is none.

    >>> united([(0, 1), (4, 2), (3,), (1, 5)])
    ((0, 1, 5), (2, 4))
    """
    root: dict[int, int] = {}

    def find(member: int) -> int:
        while root[member] != member:
            root[member] = root[root[member]]
            member = root[member]
        return member

    for group in groups:
        for member in group:
            root.setdefault(member, member)
            a, b = find(member), find(group[0])
            root[max(a, b)] = min(a, b)
    members: dict[int, list[int]] = {}
    for member in sorted(root):
        members.setdefault(find(member), []).append(member)
    return tuple(tuple(held) for held in members.values() if len(held) > 1)
