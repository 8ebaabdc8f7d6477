"""The address of a knowledge base enters; its reader is chosen, and an index of it leaves."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from kgbuild.errors import UsageError
from kgbuild.link.format import StoredEntity, stored
from kgbuild.link.kb.assemble import Report, Way, build_from_dump, source_name
from kgbuild.link.kb.build import Origin, checked, partial, untold, write_index
from kgbuild.link.kb.parse import Choice
from kgbuild.link.kb.sorting import Sorter
from kgbuild.link.kb.stream import STDIN
from kgbuild.link.kb.write import BATCH, Told, sortable
from kgbuild.records import Entity

WIKIDATA, RDF, SPARQL, KGTK, CONCEPTNET, TABLE = (
    "wikidata",
    "rdf",
    "sparql",
    "kgtk",
    "conceptnet",
    "table",
)
AUTO = "auto"
_ENDINGS = {
    r"\.(json|jsonl|ndjson)$": WIKIDATA,
    r"\.(nt|ttl|turtle)$": RDF,
    r"\.csv$": CONCEPTNET,
    r"\.tsv$": TABLE,
}
_PACKED = re.compile(r"\.(gz|bz2|zst)$")


def build_index_of(
    source: str,
    out: str | os.PathLike[str],
    choice: Choice,
    *,
    form: str = AUTO,
    way: Way | None = None,
    told: Told = untold,
) -> Report:
    """Build the index `out` of a knowledge base of any form; see `form_of` for "auto".

    Raises `KnowledgeBaseError` where it cannot be read, UsageError where its form cannot be told.
    """
    form = form_of(source) if form == AUTO else form
    if form == WIKIDATA:
        return build_from_dump(source, out, choice, way=way, told=told)
    target = checked(out)
    work = partial(target)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    counts: Counter[str] = Counter()
    try:
        sorter = Sorter(work, "items", limit=(way or Way()).limit)
        for records in sortables(entities_of(source, form, choice, work, counts, told)):
            sorter.add(records)
            counts["taken"] += len(records)
        meta = write_index(
            sorter.sorted(),
            target,
            Origin(
                source_name(source),
                {**msgspec.to_builtins(choice), "form": form},
                composed=form not in (KGTK, TABLE),
            ),
            told=told,
        )
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Report(meta, counts)


def form_of(source: str) -> str:
    """The form of a source, by its name; a table of triples (KGTK's columns) by its heading.

    >>> form_of("latest-all.json.gz"), form_of("labels_en.ttl.bz2"), form_of("https://query.example.org/sparql")
    ('wikidata', 'rdf', 'sparql')
    """
    if source == STDIN:
        return WIKIDATA
    if re.match(r"https?://", source):
        return SPARQL
    if Path(source).is_dir():
        return KGTK
    name = _PACKED.sub("", source.lower())
    found = next((form for ending, form in _ENDINGS.items() if re.search(ending, name)), None)
    if found is None:
        raise UsageError(
            f"what {source} is cannot be told from its name; give --form, one of "
            f"{', '.join((WIKIDATA, RDF, SPARQL, KGTK, CONCEPTNET, TABLE))}"
        )
    return found


def entities_of(
    source: str, form: str, choice: Choice, work: Path, counts: Counter[str], told: Told
) -> Iterable[Entity | StoredEntity]:
    """The entities of a source that is not Wikidata's dump; `work` is a folder to sort in."""
    readers: dict[str, Callable[[], Iterable[Entity | StoredEntity]]] = {
        KGTK: lambda: _kgtk(source),
        TABLE: lambda: _table(source, choice, work, counts, told),
        RDF: lambda: _rdf(source, choice, work, counts, told),
        CONCEPTNET: lambda: _conceptnet(source, choice, work, counts, told),
        SPARQL: lambda: _sparql(source, choice, counts, told),
    }
    if form not in readers:
        raise UsageError(f"there is no form {form!r} of knowledge bases; the forms are {', '.join(readers)}")
    return readers[form]()


def sortables(entities: Iterable[Entity | StoredEntity]) -> Iterator[list[bytes]]:
    """Entities as `write.sortable` records, a bounded number at a time."""
    waiting = iter(entities)
    while some := list(islice(waiting, BATCH)):
        yield [sortable(stored(each) if isinstance(each, Entity) else each) for each in some]


def _kgtk(source: str) -> Iterator[Entity]:
    from kgbuild.link.kb.tables import entities, read_tables

    return entities(read_tables(Path(source)), glosses=True)


def _table(
    source: str, choice: Choice, work: Path, counts: Counter[str], told: Told
) -> Iterator[Entity] | Iterator[StoredEntity]:
    from kgbuild.link.kb import triples
    from kgbuild.link.table import read_rows

    lines = triples.text_lines(source, told)
    heading = next(lines, "")
    if {"node1", "label", "node2"} <= set(heading.split("\t")):
        return triples.grouped(triples.kgtk(heading, lines, source), choice.languages, work, counts)
    return read_rows(_again(heading, lines), source)


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _rdf(source: str, choice: Choice, work: Path, counts: Counter[str], told: Told) -> Iterator[StoredEntity]:
    from kgbuild.link.kb import rdf, triples

    return triples.grouped(rdf.read(source, counts, told), choice.languages, work, counts)


def _conceptnet(
    source: str, choice: Choice, work: Path, counts: Counter[str], told: Told
) -> Iterator[StoredEntity]:
    from kgbuild.link.kb import conceptnet, triples

    read = conceptnet.read(triples.text_lines(source, told), choice.languages, counts)
    return triples.grouped(read, choice.languages, work, counts)


def _sparql(source: str, choice: Choice, counts: Counter[str], told: Told) -> Iterator[StoredEntity]:
    from kgbuild.link.kb import sparql

    return sparql.read(source, choice, counts, told)
