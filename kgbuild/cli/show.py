"""What commands print for a person: the report of a build, an explanation, a store's summary."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from kgbuild.cli import table
from kgbuild.records import BuildReport, Rejection

if TYPE_CHECKING:
    from kgbuild.explain import ExplainedInference, ExplainedPremise, ExplainedStatement, Explanation, Named
    from kgbuild.info import Summary

OF_DOCUMENTS = ("ingest", "merge")
"""Stages at which a document is rejected as a whole."""
LINKS_SHOWN = 3
LONGEST_QUOTE = 300
"""Characters of a quote that are shown; JSON and the graph have all."""
QUARANTINE = "quarantine"


def report(result: BuildReport, path: str, store: Path) -> None:
    """Print what a build did, and what to do next."""
    refused = [each for each in result.rejections if each.stage in OF_DOCUMENTS]
    counts = {
        "documents read": result.documents,
        "documents unchanged": result.unchanged,
        "documents rejected": len(refused),
        f"characters ({_share(result)} read)": result.characters,
        "mentions and values": result.mentions,
        "mentions linked": result.links,
        "statements by document": result.statements,
        "statements in quarantine": sum(each.stage == QUARANTINE for each in result.rejections),
    }
    table.show(("build", "count"), _counted(counts), numbers=[1])
    _section(("stage", "seconds"), ((stage, f"{value:.1f}") for stage, value in result.seconds.items()), [1])
    _section(("rejected document", "reason"), ((each.document_id, _why(each)) for each in refused))
    _section(
        ("not stated, because", "count"),
        Counter(each.reason for each in result.rejections if each.stage not in OF_DOCUMENTS).most_common(),
        [1],
    )
    if not (result.documents or result.unchanged or refused):
        typer.echo(f"\nThere is no document in {path}; give a folder that holds some.")
        return
    typer.echo(f"\nThe graph of {path} lies in {store}. Next:")
    typer.echo(f"  kgbuild info --store {store}")
    typer.echo(f"  kgbuild query --store {store} 'SELECT ?s ?p ?o {{ ?s ?p ?o }} LIMIT 5'")
    typer.echo(f"  kgbuild export graph.ttl --store {store}")


def _share(result: BuildReport) -> str:
    """How much of the documents was read; never rounded up to all."""
    if result.characters_read == result.characters:
        return "100 %"
    return f"{math.floor(1000 * result.characters_read / max(1, result.characters)) / 10:.1f} %"


def explanation(found: Explanation) -> None:
    """Print an entity or a statement with each sentence that says it."""
    typer.echo(_named(found.name) + (f": {found.description}" if found.description else ""))
    if found.mentions:
        typer.echo("mentioned once" if found.mentions == 1 else f"mentioned {found.mentions:,} times")
    for link in found.links[:LINKS_SHOWN]:
        typer.echo(f'linked from "{link.name}" in {link.document}, character {link.start}, by candidates:')
        typer.echo("\n".join(f"  {line}" for line in link.candidates.splitlines()))
    for statement in found.statements:
        _statement(statement)
    for inference in found.inferences:
        typer.echo(f"\n{_triple(inference)}")
        _proof(inference, "  ")
    typer.echo()


def summary(found: Summary, store: Path, *, documents: bool, rejections: bool) -> None:
    """Print what is in a store."""
    counts = found.counts
    typer.echo(f"store {store}\n")
    kinds = {
        "documents": counts.documents,
        "documents rejected": counts.rejected,
        "statements": counts.statements,
        "sentences that say them": counts.evidence,
        "statements in quarantine": counts.quarantined,
        "entities": counts.entities,
        "of these, not in the knowledge base": counts.local,
        "mentions of entities": counts.mentions,
        "quads": counts.quads,
    }
    table.show(("in the graph", "count"), _counted(kinds), numbers=[1])
    whole = [each for each in found.rejections if each.whole]
    partial = [each for each in found.rejections if not each.whole]
    columns = ("rejected document", "reason", "detail")
    _section(columns, [(each.document, each.reason, each.detail) for each in whole])
    if rejections:
        rows = [(each.document, each.reason, each.detail, each.count) for each in partial]
        _section(("document", "not stated, because", "detail", "count"), rows, [3])
    else:
        reasons: Counter[str] = Counter()
        for each in partial:
            reasons[each.reason] += each.count
        _section(("not stated, because", "count"), reasons.most_common(), [1])
    if documents:
        kept = [(each.uri, each.title, each.mime, each.statements) for each in found.documents]
        _section(("document", "title", "type", "statements"), kept, [3])
    _section(("property", "statements"), found.properties, [1])
    _section(("part", "version", "documents"), found.versions, [2])
    runs = [
        (run.started, run.documents, run.unchanged, run.rejections, f"{run.seconds:.1f}")
        for run in found.runs
    ]
    _section(("run", "read", "unchanged", "documents and facts rejected", "seconds"), runs, [1, 2, 3, 4])


def _proof(inference: ExplainedInference, margin: str) -> None:
    """What an inference follows from, down to the sentences."""
    typer.echo(f"{margin}confidence {inference.confidence:.3f}, inferred ({inference.rule})  {inference.iri}")
    for premise in inference.premises:
        typer.echo(f"{margin}  {_triple(premise)}")
        for statement in premise.statements:
            _sentences(statement, f"{margin}    ")
        if premise.inference:
            _proof(premise.inference, f"{margin}    ")
        elif not premise.statements:
            typer.echo(f"{margin}    as the knowledge base has it")


def _triple(told: ExplainedStatement | ExplainedInference | ExplainedPremise) -> str:
    return f"{_named(told.subject)} · {_named(told.property)} · {_named(told.value)}"


def _statement(statement: ExplainedStatement) -> None:
    rank = "" if statement.rank == "normal" else f", {statement.rank}"
    typer.echo(f"\n{_triple(statement)}")
    typer.echo(f"  confidence {statement.confidence:.3f}{rank}  {statement.iri}")
    _sentences(statement, "  ")


def abridged(quote: str) -> str:
    """A quote of many sentences without its middle: its first names the subject, its last the value.

    >>> len(abridged("word " * 100)), abridged("One sentence.")
    (299, 'One sentence.')
    """
    if len(quote) <= LONGEST_QUOTE:
        return quote
    half = (LONGEST_QUOTE - 3) // 2
    return f"{quote[:half].rstrip()} … {quote[-half:].lstrip()}"


def _sentences(statement: ExplainedStatement, margin: str) -> None:
    for sentence in statement.evidence:
        typer.echo(f"{margin}{sentence.score:.2f}  “{abridged(table.one_line(sentence.quote))}”")
        typer.echo(f"{margin}      {sentence.document} {sentence.start}–{sentence.end}")
        if sentence.read is not None:
            typer.echo(
                f"{margin}      read with {sentence.read:.2f}; the knowledge base tells {sentence.told}"
            )


def _named(name: Named) -> str:
    return f"{name.label} ({name.id})" if name.id and name.id != name.label else name.label


def _why(rejection: Rejection) -> str:
    return f"{rejection.reason}: {rejection.detail}" if rejection.detail else rejection.reason


def _counted(counts: dict[str, int]) -> list[tuple[str, str]]:
    return [(name, f"{count:,}") for name, count in counts.items()]


def _section(
    columns: tuple[str, ...], rows: Iterable[tuple[object, ...]], numbers: Iterable[int] = ()
) -> None:
    """A table after a blank line; nothing where it has no rows."""
    listed = list(rows)
    if listed:
        typer.echo()
        table.show(columns, listed, numbers=numbers)
