"""The linker over the knowledge base in the package: ambiguity, agreement and abstention."""

from importlib.resources import files
from pathlib import Path

import pytest

from kgbuild.link.index import LmdbIndex
from kgbuild.link.linker import CANDIDATES, KEPT, ContextLinker, Manner
from kgbuild.link.table import TableIndex
from kgbuild.records import Document, Entity, Extraction, Label, Link, Mention

SAMPLE = Path(str(files("kgbuild") / "data" / "kb" / "sample"))


@pytest.fixture(scope="module")
def linker() -> ContextLinker:
    return ContextLinker(LmdbIndex(SAMPLE))


def read(
    text: str, *names: tuple[str, Label], clusters: tuple[tuple[int, ...], ...] = ()
) -> tuple[Document, Extraction]:
    """A document and its mentions, each found after the one before."""
    mentions, start = [], 0
    for name, label in names:
        start = text.index(name, start)
        mentions.append(Mention(start, start + len(name), name, label, 0.95))
        start += len(name)
    return Document("d", "urn:d", text), Extraction("d", 0, len(text), tuple(mentions), clusters=clusters)


def linked(
    linker: ContextLinker, text: str, *names: tuple[str, Label], **options: object
) -> list[str | None]:
    return [link.entity for link in linker.link(*read(text, *names, **options))]


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        (
            "Paris is the capital of France and lies on the Seine.",
            [("Paris", Label.LOCATION), ("France", Label.LOCATION)],
            ["Q90", "Q142"],
        ),
        (
            "Paris Hilton, the American socialite, was born in New York City.",
            [("Paris Hilton", Label.PERSON), ("New York City", Label.LOCATION)],
            ["Q47899", "Q60"],
        ),
        (
            "Tbilisi is the capital of Georgia, a country in the Caucasus.",
            [("Georgia", Label.LOCATION)],
            ["Q230"],
        ),
        (
            "Steve Jobs founded Apple in Cupertino, California.",
            [("Apple", Label.ORGANISATION)],
            ["Q312"],
        ),
    ],
)
def test_context_chooses_among_items_of_one_name(
    linker: ContextLinker, text: str, names: list[tuple[str, Label]], expected: list[str | None]
) -> None:
    assert linked(linker, text, *names) == expected


def test_a_cluster_is_decided_once_by_its_best_name(linker: ContextLinker) -> None:
    text = "Marie Curie was a physicist. She won two prizes. Curie taught at the Sorbonne."
    names = [("Marie Curie", Label.PERSON), ("She", Label.PERSON), ("Curie", Label.PERSON)]
    assert linked(linker, text, *names, clusters=((0, 1, 2),)) == ["Q7186"] * 3


def test_a_pronoun_without_a_named_cluster_is_not_linked(linker: ContextLinker) -> None:
    assert linked(
        linker, "He sang. the company grew.", ("He", Label.PERSON), ("the company", Label.ORGANISATION)
    ) == [
        None,
        None,
    ]


def test_times_and_numbers_are_not_linked(linker: ContextLinker) -> None:
    links = linker.link(*read("In 1984 Paris had 12 bridges.", ("1984", Label.TIME), ("12", Label.NUMBER)))
    assert links == (Link(0, None, 1.0), Link(1, None, 1.0))


def test_unknown_names_are_not_linked(linker: ContextLinker) -> None:
    text = "Zebulon Quackenbush-Ffoulkes met Grizelda Umplebottom in Paris."
    names = [("Zebulon Quackenbush-Ffoulkes", Label.PERSON), ("Grizelda Umplebottom", Label.PERSON)]
    assert linked(linker, text, *names) == [None, None]


def test_links_are_one_for_each_mention_with_sorted_candidates(linker: ContextLinker) -> None:
    document, extraction = read(
        "Washington crossed the Delaware in 1776; Washington, D.C. bears his name.",
        ("Washington", Label.PERSON),
        ("Delaware", Label.LOCATION),
        ("1776", Label.TIME),
        ("Washington, D.C.", Label.LOCATION),
    )
    links = linker.link(document, extraction)
    assert [link.mention for link in links] == [0, 1, 2, 3]
    assert links == linker.link(document, extraction)
    for link in links:
        scores = [candidate.score for candidate in link.candidates]
        assert scores == sorted(scores, reverse=True)
        assert sum(scores) <= 1.0001
        assert len(scores) <= KEPT
        assert 0.0 <= link.score <= 1.0


def test_the_threshold_is_the_least_probability_of_a_link() -> None:
    index = LmdbIndex(SAMPLE)
    text, names = "Paris is the capital of France.", [("Paris", Label.LOCATION), ("France", Label.LOCATION)]
    assert linked(ContextLinker(index, threshold=1.0), text, *names) == [None, None]
    assert None not in linked(ContextLinker(index, threshold=0.0), text, *names)


def test_the_version_names_index_ranker_and_options() -> None:
    index = LmdbIndex(SAMPLE)
    versions = {
        ContextLinker(index).version,
        ContextLinker(index, threshold=0.9).version,
        ContextLinker(index, manner=Manner(common_nouns=True)).version,
        ContextLinker(TableIndex([Entity("Q1", "universe")])).version,
    }
    assert len(versions) == 4
    assert ContextLinker(index).version.startswith(index.version)


def test_common_nouns_are_linked_where_asked() -> None:
    index = LmdbIndex(SAMPLE)
    document, extraction = read("She taught mathematics at a school.", ("mathematics", Label.OTHER))
    assert ContextLinker(index).link(document, extraction)[0].entity is None
    assert (
        ContextLinker(index, manner=Manner(common_nouns=True)).link(document, extraction)[0].entity == "Q395"
    )


def test_the_linker_works_over_a_table() -> None:
    acme = Entity("https://example.org/acme", "Acme Corporation", ("Acme",), "maker of anvils", ("Q43229",))
    linker = ContextLinker(TableIndex([acme]))
    assert linked(linker, "Acme, the maker of anvils, grew.", ("Acme", Label.ORGANISATION)) == [acme.id]


def test_the_sample_is_ambiguous_on_purpose() -> None:
    index = LmdbIndex(SAMPLE)
    assert len(index) >= 3000
    assert (SAMPLE / "data.mdb").stat().st_size < 12_000_000
    for name in ("Paris", "Georgia", "Victoria", "Lincoln", "Jackson", "Steve McQueen"):
        same = [c for c in index.candidates(name, CANDIDATES) if c.label == name]
        assert len(same) >= 2, name
    index.verify()
