"""Gold mentions get labels and coreference from what an extractor read."""

from collections.abc import Sequence
from dataclasses import replace

from kgbuild.link.gold import GoldDocument
from kgbuild.link.tags import aligned, read_with
from kgbuild.records import Document, Extraction, Label, Mention

TEXT = "He met Ann Lee in Paris in 1999. She sang."


def mention(start: int, end: int, label: Label = Label.OTHER, score: float = 0.0) -> Mention:
    return Mention(start, end, TEXT[start:end], label, score)


READ = Extraction(
    "d",
    0,
    len(TEXT),
    (
        mention(7, 10, Label.ORGANISATION, 0.5),
        replace(mention(9, 14, Label.PERSON, 0.9), vector=b"ab"),
        mention(18, 23, Label.LOCATION, 0.8),
        mention(27, 31, Label.TIME, 0.9),
        mention(33, 36, Label.PERSON, 1.0),
    ),
    clusters=((1, 4),),
)


def gold(*mentions: Mention) -> GoldDocument:
    entities = tuple(f"Q{number}" for number, _ in enumerate(mentions, start=1))
    return GoldDocument(Document("d", "urn:d", TEXT), Extraction("d", 0, len(TEXT), mentions), entities)


def test_the_mention_that_overlaps_most_gives_the_label() -> None:
    made = aligned(gold(mention(0, 2), mention(7, 14), mention(27, 31)), READ)
    judged = [made.extraction.mentions[place] for place in made.judged]
    assert [(each.text, each.label, each.score) for each in judged] == [
        ("He", Label.OTHER, 0.0),
        ("Ann Lee", Label.PERSON, 0.9),
        ("1999", Label.OTHER, 0.0),
    ]
    assert [each.vector for each in judged] == [b"", b"ab", b""]


def test_other_mentions_are_context() -> None:
    made = aligned(gold(mention(7, 14)), READ)
    assert [each.text for each in made.extraction.mentions] == ["Ann Lee", "Paris", "1999", "She"]
    assert made.entities == ("Q1", None, None, None)
    assert list(made.judged) == [0]


def test_clusters_go_with_the_spans() -> None:
    made = aligned(gold(mention(7, 14), mention(33, 36)), READ)
    names = [[made.extraction.mentions[place].text for place in held] for held in made.extraction.clusters]
    assert names == [["Ann Lee", "She"]]


def test_a_much_wider_mention_is_not_the_same() -> None:
    made = aligned(gold(mention(7, 23), mention(33, 36)), READ)
    assert made.extraction.clusters == ()


class Knowing:
    """A reader that finds what `READ` has; it notes what it is asked to locate."""

    def __init__(self) -> None:
        self.located: list[str] = []

    def read(self, document: Document) -> Extraction:
        return READ

    def locate(self, document: Document, mentions: Sequence[Mention]) -> Sequence[Mention]:
        self.located += [each.text for each in mentions]
        return [replace(each, vector=b"cd", label=Label.PERSON) for each in mentions]


def test_gold_mentions_that_are_not_found_are_read_where_they_stand() -> None:
    reader = Knowing()
    made = read_with(gold(mention(0, 2), mention(7, 14)), reader)
    assert reader.located == ["He"], "what is found has a vector, and what no gold mention is needs none"
    assert [(each.text, each.label, each.vector) for each in made.extraction.mentions][:2] == [
        ("He", Label.OTHER, b"cd"),
        ("Ann Lee", Label.PERSON, b"ab"),
    ]
