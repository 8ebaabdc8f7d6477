"""An index and a newer source enter; the index as the source now has it leaves, changed where it must be.

The work is done in a copy of the file, which takes the index' place when it is whole: who has the
older one open goes on reading it.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import msgspec

from kgbuild.errors import KnowledgeBaseError, UsageError
from kgbuild.link.environment import IndexFile
from kgbuild.link.format import key
from kgbuild.link.kb.assemble import Report, Way, scan_dump, source_name
from kgbuild.link.kb.build import partial, take_name, untold
from kgbuild.link.kb.parse import Choice
from kgbuild.link.kb.rewrite import UNKNOWN, Rewrite
from kgbuild.link.kb.select import Selection
from kgbuild.link.kb.sources import WIKIDATA, entities_of, sortables
from kgbuild.link.kb.write import Told


def update_index(
    index: str | os.PathLike[str],
    source: str,
    *,
    ids: Collection[str] | None = None,
    way: Way | None = None,
    told: Told = untold,
) -> Report:
    """Bring an index up to date with a newer source of its form, with the options of its build.

    With `ids` only these entities are looked at. `counts` of the report say how many are unchanged,
    changed, added and removed, and how many of `ids` neither has. A dump is read as a build reads it,
    and an update that was killed goes on there. Raises `KnowledgeBaseError` where the index or the source
    cannot be read, and UsageError where the index does not say how it was built, or neither has any of
    the ids.
    """
    target = Path(index)
    before = IndexFile(target).meta
    if "form" not in before.options:
        raise UsageError(
            f"the index {target} does not say how it was built; build it with `kgbuild kb build`"
        )
    options = dict(before.options)
    form = options.pop("form")
    choice = msgspec.convert(options, Choice)
    work = partial(target)
    counts: Counter[str] = Counter()
    if form == WIKIDATA:
        selection = Selection(scan_dump(source, target, choice, way or Way(), told))
        records: Iterable[list[bytes]] = selection.items()
        extra = {"classes": selection.class_rows, "labels": selection.labels}
    else:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        records, extra = sortables(entities_of(source, form, choice, work, counts, told)), {}
    final = work / "final"
    with Rewrite(target, final) as copy:
        wanted = None if ids is None else {key(each) for each in ids}
        copy.apply(records, wanted, counts, told)
        if wanted is not None and counts[UNKNOWN] == len(wanted):
            raise UsageError(
                f"neither the index {target} nor {source} has any of the ids {', '.join(ids or ())[:200]!r}; "
                "give ids as Q42,Q64, or a file that is there"
            )
        for table, rows in extra.items():
            copy.replace_table(table, rows())
        meta = copy.finish(before, source_name(source))
    take_name(final, target)
    shutil.rmtree(work)
    return Report(meta, counts)


def read_ids(given: str) -> tuple[str, ...]:
    """Ids from a list with commas, or from a file with one a line.

    >>> read_ids("Q1, Q2")
    ('Q1', 'Q2')
    """
    path = Path(given)
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else given.replace(",", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeBaseError(f"the list of ids {given} cannot be read: {error}") from error
    return tuple(dict.fromkeys(_ids(text)))


def _ids(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
