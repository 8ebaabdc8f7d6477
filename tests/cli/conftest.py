"""A small store on disk, and the command line called as a person calls it."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

import flows  # noqa: F401 - settles Prefect's environment before a test imports it
from kgbuild import graph
from kgbuild.cli import main
from kgbuild.iris import Iris
from kgbuild.ontology import load_ontology
from kgbuild.rdf import Part
from kgbuild.records import (
    BuildReport,
    Document,
    DocumentFacts,
    Entity,
    EntityMention,
    Evidence,
    ItemValue,
    Label,
    Mention,
    Rejection,
    Revision,
    Statement,
    TimeValue,
)
from kgbuild.stores.oxigraph import OxigraphStore

TEXT = "Marie Curie married Pierre Curie in 1895. She was born in 1867."
BROKEN = Rejection("ingest", "broken.pdf", "truncated PDF", "it has no trailer")


@dataclass(frozen=True)
class Result:
    """What a call gave."""

    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Calls the command line in this process."""

    def call(*arguments: object) -> Result:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Result(int(ended.value.code or 0), out, err)

    return call


def facts() -> DocumentFacts:
    """One document, two statements."""
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    uri = Iris().document("curies", "marie.txt")
    document = Document("marie.txt", uri, TEXT, title="The Curies", language="en", content_hash=digest)
    marriage = Evidence("marie.txt", 0, 41, TEXT[0:41], 0.9, "hand/1")
    birth = Evidence("marie.txt", 42, 63, TEXT[42:63], 0.8, "hand/1")
    return DocumentFacts(
        document,
        Revision(digest, "reader/1", "hand/1", "linker/1", "ontology/1"),
        mentions=(
            EntityMention(Mention(0, 11, "Marie Curie", Label.PERSON, 0.9), "Q7186", 0.9),
            EntityMention(Mention(20, 32, "Pierre Curie", Label.PERSON, 0.9), "Q37463", 0.9),
        ),
        entities=(
            Entity("Q7186", "Marie Curie", ("Maria Skłodowska",), "physicist", ("Q5",)),
            Entity("Q37463", "Pierre Curie", types=("Q5",)),
        ),
        statements=(
            Statement("Q7186", "P26", ItemValue("Q37463"), evidence=(marriage,)),
            Statement("Q7186", "P569", TimeValue(1867), evidence=(birth,)),
        ),
        rejections=(Rejection("normalise", "marie.txt", "domain", "domain of P36 is place"),),
    )


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one document, one rejected document and one run."""
    path = tmp_path / "store"
    opened = OxigraphStore(path)
    iris, ontology = Iris(), load_ontology()
    graph.merge(opened, [facts()], ontology=ontology, iris=iris)
    graph.reject(opened, iris.document("curies", "broken.pdf"), BROKEN, ontology=ontology, iris=iris)
    report = BuildReport(
        "1", documents=1, characters=63, mentions=2, links=2, statements=2, rejections=(BROKEN,)
    )
    graph.record_run(
        opened,
        dataclasses.replace(report, seconds={"ingest": 0.1, "extract": 1.5}),
        started=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        ended=datetime(2026, 1, 2, 3, 4, 7, tzinfo=UTC),
        parts=[Part("extractor", "hand/1")],
        iris=iris,
    )
    opened.close()
    return path
