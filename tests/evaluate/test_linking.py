"""What is counted when links are judged, on a file and an index that fit on a page."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from kgbuild.errors import DatasetError
from kgbuild.evaluate.linked import write_links
from kgbuild.evaluate.linking import Judged, figures, judge
from kgbuild.link.gold import read_gold
from kgbuild.link.table import TableIndex
from kgbuild.records import Candidate, Document, Entity, Extraction, Label, Link, Mention

INDEX = TableIndex([Entity("Q90", "Paris"), Entity("Q167646", "Paris"), Entity("Q142", "France")])
TEXT = "Ann Lee left Paris for Rome and France; he saw Troy in 1999."
ROW = {
    "id": 3,
    "text": TEXT,
    "evaluation_span": [0, 50],
    "labels": [
        {"span": [0, 7], "entity_id": "<NIL>"},
        {"span": [13, 18], "entity_id": "Q90"},
        {"span": [23, 27], "entity_id": "Q220"},
        {"span": [32, 38], "entity_id": "Q142", "optional": True},
        {"span": [40, 42], "entity_id": "Q142"},
    ],
}


class Fixed:
    """A linker that says of each name what it was told to say."""

    version = "fixed/1"

    def __init__(self, said: dict[str, str | None]) -> None:
        self.said = said

    def link(self, document: Document, extraction: Extraction) -> tuple[Link, ...]:
        return tuple(
            Link(place, self.said.get(mention.text), 0.5, (Candidate("Q90", "Paris", 0.5),))
            for place, mention in enumerate(extraction.mentions)
        )


class Finds:
    """A reader that finds these names."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def read(self, document: Document) -> Extraction:
        spans = [(TEXT.index(name), TEXT.index(name) + len(name)) for name in self.names]
        mentions = tuple(Mention(*span, TEXT[slice(*span)], Label.LOCATION, 0.9) for span in spans)
        return Extraction(document.id, 0, len(document.text), mentions)

    def locate(self, document: Document, mentions: Sequence[Mention]) -> Sequence[Mention]:
        return mentions


def judged(folder: Path, said: dict[str, str | None], *, end_to_end: bool = False) -> list[Judged]:
    path = folder / "set.jsonl"
    path.write_text(json.dumps(ROW))
    reader = Finds("Ann Lee", "Paris", "France", "Troy")
    return list(judge(path, Fixed(said), INDEX, reader, end_to_end=end_to_end))


def test_figures_of_gold_mentions(tmp_path: Path) -> None:
    found = figures(judged(tmp_path, {"Paris": "Q90", "Rome": "Q90", "Troy": "Q1"}))
    assert found["count"] == 3
    assert found["precision"] == 0.5
    assert found["recall"] == pytest.approx(1 / 3, abs=1e-4)
    assert found["f1"] == found["macro_f1"] == 0.4
    assert found["coverage"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["in_kb"] == 2
    assert found["accuracy_in_kb"] == 0.5
    assert found["candidate_recall"] == 1.0  # "he" is no name
    assert found["candidate_recall_all"] == 0.5
    assert found["nil_f1"] == pytest.approx(2 / 3, abs=1e-4)  # Ann Lee, and wrongly "he"
    assert found["accuracy_nil_or_in_kb"] == pytest.approx(2 / 3, abs=1e-4)


def test_the_wrong_item_is_not_right(tmp_path: Path) -> None:
    found = figures(judged(tmp_path, {"Paris": "Q167646"}))
    assert found["f1"] == found["accuracy_in_kb"] == 0.0


def test_end_to_end_counts_what_was_found_in_the_text(tmp_path: Path) -> None:
    found = figures(judged(tmp_path, {"Ann Lee": "Q7", "Paris": "Q90", "France": "Q142"}, end_to_end=True))
    assert found["precision"] == 0.5  # France is optional
    assert found["recall"] == pytest.approx(1 / 3, abs=1e-4)  # Rome and "he" were not found


def test_predictions_are_written_in_the_form_of_the_gold(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    write_links(judged(tmp_path, {"Paris": "Q90"}), out, system="us")
    (article,) = [json.loads(line) for line in out.read_text().splitlines()]
    assert article["id"] == 3
    assert [(each["span"], each["id"]) for each in article["entity_mentions"]][:2] == [
        ([0, 7], "<NIL>"),
        ([13, 18], "Q90"),
    ]


def test_predictions_for_nif_are_nif(tmp_path: Path) -> None:
    path, out = tmp_path / "set.ttl", tmp_path / "out.ttl"
    path.write_text(
        """@prefix nif: <http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#> .
        <urn:d#char=0,5> a nif:Context ; nif:isString "Paris" .
        <urn:d#x> nif:referenceContext <urn:d#char=0,5> ; nif:beginIndex 0 ; nif:endIndex 5 ."""
    )
    write_links(judge(path, Fixed({"Paris": "Q90"}), INDEX, Finds()), out, system="us")
    (again,) = read_gold(out)
    assert again.entities == ("Q90",)


@pytest.mark.parametrize("content", ["", json.dumps({"id": 1, "text": "It rained.", "labels": []})])
def test_a_file_in_which_nothing_is_annotated_is_named(content: str, tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_text(content)
    with pytest.raises(DatasetError, match=r"empty\.jsonl has no annotated mentions"):
        list(judge(path, Fixed({}), INDEX, Finds()))
