"""Scanned items enter; those that the choice of types leaves stay, with the labels that they need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from kgbuild.link.format import StoredClass, key, long, pack, unpack
from kgbuild.link.kb.classes import ClassTree
from kgbuild.link.kb.dump import Scan
from kgbuild.link.kb.sorting import Sorter
from kgbuild.link.kb.write import BATCH, Rows

LARGEST = 2**28
"""Numbers of QIDs up to which what is named is kept in mind, a byte each where it is touched."""

EXCLUDED = "of a class to be left out"
OTHER_TYPE = "of other types"


class Selection:
    """What of a scan goes into an index; read `items` to the end, then `labels`."""

    def __init__(self, scan: Scan) -> None:
        self.counts: Counter[str] = Counter()
        self.classes = scan.classes()
        self._scan = scan
        self._others = scan.others()
        choice = scan.state.choice
        self._wanted = _flags(self.classes, choice.types)
        self._excluded = {int(qid[1:]) for qid in choice.excluded}
        self._named = np.zeros(LARGEST, np.uint8).data
        self._whole = not (choice.types or choice.excluded or self._others.runs)

    def items(self) -> Iterator[list[bytes]]:
        """The records of the items that stay, in order; one that comes twice is given once."""
        last = b""
        for records in self._scan.items():
            chosen = records if self._whole else [record for record in records if self._stays(record)]
            if len(set(chosen)) != len(chosen) or (chosen and chosen[0] == last):
                before = len(chosen)
                chosen = [record for record in dict.fromkeys(chosen) if record != last]
                self.counts["given twice"] += before - len(chosen)
            if chosen:
                last = chosen[-1]
                yield chosen

    def labels(self) -> Iterator[Rows]:
        """Rows of the labels of items that are left out but named by facts and types of others."""
        last = b""
        for records in self._others.sorted():
            rows: Rows = []
            for record in records:
                held, label = record.split(b"\0", 1)
                if held != last and label and self._is_named(held):
                    rows.append((held, label))
                last = held
            yield rows

    def class_rows(self) -> Iterator[Rows]:
        """Rows of the classes that lie under a general one, or right above which some class is known."""
        return class_rows(self.classes, self._scan.work)

    def _stays(self, record: bytes) -> bool:
        """Whether an item stays; what it names is kept in mind, or its label where it does not."""
        entity = unpack(record[record.index(0, 8) + 1 :])
        numbers = [name for name in entity.types if isinstance(name, int)]
        why = ""
        if self._wanted is not None and not any(self._wanted[name] for name in numbers if name < LARGEST):
            why = OTHER_TYPE
        if self._excluded and not self._excluded.isdisjoint(numbers):
            why = EXCLUDED
        if why:
            self.counts[why] += 1
            self._others.add([key(long(entity.id)) + b"\0" + entity.label.encode()])
            return False
        named = self._named
        for value in (*numbers, *entity.facts[1::2]):
            if isinstance(value, int) and value < LARGEST:
                named[value] = 1
        return True

    def _is_named(self, id: bytes) -> bool:
        number = id[1:]
        return number.isdigit() and int(number) < LARGEST and bool(self._named[int(number)])


def _flags(classes: ClassTree, types: tuple[str, ...]) -> memoryview | None:
    """A byte for each number of a QID that says whether it is one of the types or lies under them."""
    if not types:
        return None
    flags = np.zeros(LARGEST, np.uint8)
    flags[classes.below(int(qid[1:]) for qid in types)] = 1
    return flags.data


def class_rows(classes: ClassTree, work: Path) -> Iterator[Rows]:
    """Rows of the table of classes, in the order of their keys; `work` is a folder to sort in."""
    sorter = Sorter(work, "classes")
    told = ((key(long(name)), StoredClass(list(above), roots)) for name, above, roots in classes.rows())
    while some := [name + b"\0" + pack(held) for name, held in islice(told, BATCH)]:
        sorter.add(some)
    for records in sorter.sorted():
        yield [(record[: (end := record.index(0))], record[end + 1 :]) for record in records]
    sorter.remove()
