"""A folder of Wikidata tables enters; entities with composed descriptions leave.

The folder holds what its README lists: KGTK tables of labels, aliases, descriptions, types, dates
and ranks, CoDEx's facts and types, and lists of items and popularities (all gzipped).

    python -m kgbuild.link.kb.tables TABLES --out INDEX
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from kgbuild.errors import KgbuildError
from kgbuild.link.kb.build import build_index
from kgbuild.link.kb.compose import compose
from kgbuild.link.kb.gloss import read_gloss
from kgbuild.link.kb.kgtk import iso_date, json_of, lines, triples, unquoted
from kgbuild.link.kinds import CLASS, ROOTS, Classes
from kgbuild.records import Entity

HUMAN, OCCUPATION, WORK = "Q5", "Q12737077", "Q17537576"
DATES = ("P569", "P570", "P571", "P577", "P576", "P1619", "P2031")
FACTS = (
    *("P106", "P27", "P17", "P131", "P57", "P50", "P175", "P86", "P495", "P136", "P641", "P102"),
    *("P69", "P108", "P463", "P26", "P40", "P161", "P112", "P159", "P19", "P20", "P264", "P101"),
    *("P30", "P37", "P361", "P749", "P140", "P172", "P840", "P135", "P737", "P551", "P1303", "P119"),
)
"""Properties that tell entities apart, the most telling first; others are left out."""

MOST_FACTS = 24
MOST_OF_ONE = 6


@dataclass
class Tables:
    """All that the tables tell, by item; filled table by table."""

    labels: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    glosses: dict[str, str] = field(default_factory=dict)
    types: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    parents: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    facts: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    dates: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    ranks: dict[str, float] = field(default_factory=dict)
    degrees: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    counts: dict[str, int] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    uses: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def read_tables(folder: Path) -> Tables:
    """Read every table of the folder, or of one that holds KGTK tables alone.

    `KnowledgeBaseError` names a file that is not as it must be.
    """
    tables = Tables()
    alone = (folder / "labels.en.tsv.gz").exists()
    part = folder if alone else folder / "slice"
    _read_names(part, tables)
    _read_claims(part, tables)
    if not alone:
        _read_lists(folder, tables)
    for held in tables.types.values():
        for name in held:
            tables.uses[name] += 1
    return tables


def _read_names(part: Path, tables: Tables) -> None:
    """Labels, aliases and glosses of items."""
    for qid, _, text in triples(part / "labels.en.tsv.gz"):
        if _is_item(qid):
            tables.labels[qid] = unquoted(text)
    for qid, _, text in triples(part / "aliases.en.tsv.gz"):
        if _is_item(qid):
            tables.aliases[qid][unquoted(text)] = None
    for qid, _, text in triples(part / "descriptions.en.tsv.gz"):
        if _is_item(qid):
            tables.glosses[qid] = unquoted(text)


def _read_claims(part: Path, tables: Tables) -> None:
    """Types, classes above classes, dates and ranks."""
    for qid, _, above in triples(part / "derived.P31.tsv.gz"):
        tables.types[qid][above] = None
    for qid, _, above in triples(part / "derived.P279.tsv.gz"):
        tables.parents[qid].append(above)
    for qid, pid, time in triples(part / "claims.time.tsv.gz"):
        if pid in DATES and (date := iso_date(time)):
            tables.dates[qid].append((pid, date))
    for qid, pid, rank in triples(part / "metadata.pagerank.directed.tsv.gz"):
        if pid == "Pdirected_pagerank":
            tables.ranks[qid] = float(rank)
    for qid, _, degree in triples(part / "metadata.in_degree.tsv.gz"):
        tables.degrees[qid] = int(degree)


def _read_lists(folder: Path, tables: Tables) -> None:
    """The tables that are not KGTK's."""
    for row in json_of(folder / "freebase_entities.json.gz").values():
        qid = row["wikidata_id"]
        tables.listed.add(qid)
        tables.labels.setdefault(qid, row["label"])
        if row["label"] != tables.labels[qid]:
            tables.aliases[qid][row["label"]] = None
        tables.aliases[qid].update(dict.fromkeys(row["alternatives"]))
        if row["description"]:
            tables.glosses.setdefault(qid, row["description"])
    tables.counts = json_of(folder / "popularity.json.gz")
    for qid, types in json_of(folder / "codex-types.json.gz").items():
        for name in types:
            tables.types[qid][name] = None
    for part in ("train", "valid", "test"):
        for line in lines(folder / "codex-m" / f"{part}.txt.gz"):
            subject, pid, value = line.split("\t")
            tables.facts[subject].append((pid, value))
            tables.degrees[value] += 1


def entities(tables: Tables, *, glosses: bool = False) -> Iterator[Entity]:
    """Every labelled item as an entity, in the order of the tables.

    Types end with the general classes above them (`kinds.ROOTS`). Descriptions are composed from
    types and facts; with `glosses` the tables' own come before them.
    """
    classes = Classes(tables.parents)
    named = _classes_by_label(tables)
    for qid, label in tables.labels.items():
        entity = _with_gloss(_entity(tables, qid, label), tables, named)
        if WORK in classes.roots(entity.types):
            entity = replace(entity, facts=tuple(("P495" if p == "P17" else p, v) for p, v in entity.facts))
        kinds = [tables.labels[name] for name in entity.types if name in tables.labels]
        roots = classes.roots(entity.types)
        if not tables.types.get(qid) and qid in tables.parents:
            roots = (*classes.roots(tables.parents[qid]), CLASS)
        told = compose(kinds, entity.facts)
        if glosses and qid in tables.glosses:
            told = "; ".join(part for part in (tables.glosses[qid], told) if part)
        types = tuple(dict.fromkeys((*entity.types, *roots)))
        yield replace(entity, types=types, description=told)


def _entity(tables: Tables, qid: str, label: str) -> Entity:
    """An entity with its types and facts as the tables list them."""
    order = {pid: place for place, pid in enumerate(FACTS)}
    claims = [claim for claim in tables.facts.get(qid, ()) if claim[0] in order and claim[1] in tables.labels]
    claims.sort(key=lambda claim: (order[claim[0]], -tables.degrees.get(claim[1], 0), claim[1]))
    facts = [(pid, tables.labels[value]) for pid, value in claims]
    kept: dict[str, int] = defaultdict(int)
    chosen = list(dict(tables.dates.get(qid, ())[::-1]).items())[::-1]
    for pid, value in dict.fromkeys(facts):
        kept[pid] += 1
        if kept[pid] <= MOST_OF_ONE:
            chosen.append((pid, value))
    aliases = tuple(alias for alias in tables.aliases.get(qid, ()) if alias != label)
    types = tuple(
        sorted(tables.types.get(qid, ()), key=lambda name: (name in ROOTS, -tables.uses.get(name, 0), name))
    )
    if not types:
        types = tuple(tables.parents.get(qid, ()))
    return Entity(qid, label, aliases, "", types, tuple(chosen[:MOST_FACTS]), prior(tables, qid))


def _with_gloss(entity: Entity, tables: Tables, named: dict[str, str]) -> Entity:
    """The entity with types, and facts of properties that it lacks, that only its gloss tells."""
    gloss = tables.glosses.get(entity.id)
    if not gloss:
        return entity
    told = read_gloss(gloss, named)
    ids = [named[head] for head in told.heads]
    jobs = [qid for qid in ids if _is_job(tables, qid)]
    human = HUMAN in entity.types or (not entity.types and bool(jobs))
    if human:
        facts = [("P106", tables.labels[qid]) for qid in jobs]
        facts += [("P27", value) for pid, value in told.facts if pid == "P17"]
    else:
        facts = list(told.facts)
    held = {pid for pid, _ in entity.facts}
    facts = [*entity.facts, *(fact for fact in facts if fact[0] not in held)]
    types = entity.types or ((HUMAN,) if human else tuple(dict.fromkeys(ids)))
    return replace(entity, types=types, facts=tuple(facts[:MOST_FACTS]))


def _is_job(tables: Tables, qid: str) -> bool:
    """Whether an item is a profession or the like."""
    return any(name in ("Q28640", OCCUPATION, "Q4220920", "Q66715801") for name in tables.types.get(qid, ()))


def _classes_by_label(tables: Tables) -> dict[str, str]:
    """Ids of classes and occupations by lower-case label or alias; the most used one of each name."""
    used: dict[str, int] = defaultdict(int, tables.uses)
    for facts in tables.facts.values():
        for pid, value in facts:
            if pid == "P106":
                used[value] += 1
    for qid in tables.parents:
        used[qid] += 1
    least_used_first = sorted((use, qid) for qid, use in used.items() if qid in tables.labels)
    found: dict[str, str] = {}
    for _, qid in least_used_first:
        found.update(dict.fromkeys((alias.lower() for alias in tables.aliases.get(qid, ())), qid))
    for _, qid in least_used_first:
        found[tables.labels[qid].lower()] = qid
    return found


def prior(tables: Tables, qid: str) -> float:
    """Popularity of an item in [0, 1], from what the tables count of it, on a logarithmic scale.

    Items of the list of well-known items have no rank in the slice; they start at a middling value.
    """
    told = [
        math.log1p(tables.degrees.get(qid, 0)) / math.log(100_000),
        math.log1p(tables.counts.get(qid, 0)) / math.log(2_000),
        math.log1p(tables.ranks.get(qid, 0.0) * 1e6) / math.log(100_000),
        0.35 if qid in tables.listed else 0.0,
    ]
    return round(min(1.0, 0.7 * max(told) + 0.3 * sum(told) / len(told)), 4)


def _is_item(qid: str) -> bool:
    return qid[:1] == "Q" and qid[1:].isdigit()


def main(arguments: Iterable[str] | None = None) -> int:
    """Build an index of every labelled item of the tables."""
    parser = argparse.ArgumentParser(prog="python -m kgbuild.link.kb.tables", description=main.__doc__)
    parser.add_argument("tables", type=Path, help="the folder of Wikidata tables")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the index")
    parser.add_argument("--source", default="wikidata-tables", help="name of the index in versions")
    options = parser.parse_args(None if arguments is None else list(arguments))
    try:
        meta = build_index(
            entities(read_tables(options.tables), glosses=True), options.out, source=options.source
        )
    except KgbuildError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    sys.stdout.write(f"{options.out}: {meta.entities:,} entities, {meta.names:,} names\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
