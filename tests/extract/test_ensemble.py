"""Two extractors as one: what is joined, what gives way, and what the patterns add to the model."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.extract.ensemble import Ensemble, Guided
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.joining import join, ordered
from kgbuild.extract.model import Model
from kgbuild.extract.patterns import load_patterns
from kgbuild.extract.patterns_extractor import PatternExtractor
from kgbuild.ontology import load_ontology
from kgbuild.records import Attribute, Document, Extraction, Label, Mention, Relation
from kgbuild.text.sentences import RuleSegmenter

TEXT = "Acme Widgets hired Ann. She likes the WX-40. In 1999 Acme made it."
PATTERNS = """
[[entity]]
label = "organisation"
pattern = "Acme Widgets"
[[entity]]
label = "other"
pattern = "WX-40"
[[relation]]
property = "P108"
pattern = [{SLOT = "object"}, {LOWER = "hired"}, {SLOT = "subject", LABEL = "person", IS_TITLE = true}]
"""


def mention(text: str, label: Label, score: float = 0.9, start: int | None = None) -> Mention:
    at = TEXT.index(text) if start is None else start
    return Mention(at, at + len(text), text, label, score)


def extraction(*mentions: Mention, **read) -> Extraction:
    return Extraction("d", 0, len(TEXT), mentions, **read)


def test_equal_spans_are_one_mention_and_equal_relations_one_relation() -> None:
    acme, ann = mention("Acme Widgets", Label.ORGANISATION, 1.0), mention("Ann", Label.PERSON, 1.0)
    first = extraction(ann, acme, relations=(Relation(0, "P108", 1, 0.4),))
    weaker = mention("Acme Widgets", Label.OTHER, 0.3), mention("Ann", Label.PERSON, 0.2)
    second = extraction(*weaker, relations=(Relation(1, "P108", 0, 0.8), Relation(0, "P169", 1, 0.5)))
    joined = join(first, second)
    assert joined.mentions == (acme, ann)
    assert joined.relations == (Relation(0, "P169", 1, 0.5), Relation(1, "P108", 0, 0.8))


def test_of_equal_relations_the_one_that_holds_is_kept() -> None:
    acme, ann = mention("Acme Widgets", Label.ORGANISATION), mention("Ann", Label.PERSON)
    holds, surer = Relation(0, "P169", 1, 0.3), Relation(0, "P169", 1, 0.35, least=0.4)
    for first, second in ((holds, surer), (surer, holds)):
        joined = join(extraction(acme, ann, relations=(first,)), extraction(acme, ann, relations=(second,)))
        assert joined.relations == (holds,)


def test_an_overlapping_mention_gives_way_and_hands_on_what_was_read_of_its_type() -> None:
    whole, ann = mention("Acme Widgets", Label.ORGANISATION, 1.0), mention("Ann", Label.PERSON)
    year = TEXT.index("1999")
    for label, kept in ((Label.ORGANISATION, 1), (Label.OTHER, 0)):
        second = extraction(
            mention("Acme", label),
            ann,
            relations=(Relation(1, "P108", 0, 0.8),),
            attributes=(Attribute(0, "P571", year, year + 4, "1999", 0.7),),
        )
        joined = join(extraction(whole), second)
        assert joined.mentions == (whole, ann)
        assert (len(joined.relations), len(joined.attributes)) == (kept, kept)


def test_a_mention_around_others_stays() -> None:
    known = mention("Acme Widgets", Label.ORGANISATION, 1.0)
    around = mention("Acme Widgets hired", Label.OTHER)
    second = extraction(known, around, mention("Ann", Label.PERSON), relations=(Relation(2, "P39", 1, 0.8),))
    joined = join(extraction(known), second)
    assert {each.text for each in joined.mentions} == {"Acme Widgets", "Acme Widgets hired", "Ann"}
    [held] = joined.relations
    assert joined.mentions[held.object] == around


def test_clusters_are_kept_and_those_that_share_a_mention_are_one() -> None:
    acme = mention("Acme Widgets", Label.ORGANISATION, 1.0)
    later = mention("Acme", Label.ORGANISATION, 1.0, TEXT.rindex("Acme"))
    ann, she, it = mention("Ann", Label.PERSON), mention("She", Label.PERSON), mention("it", Label.OTHER)
    first = extraction(acme, later, clusters=((0, 1),))
    second = extraction(ann, she, later, it, clusters=((0, 1), (2, 3)))
    joined = join(first, second)
    assert [each.text for each in joined.mentions] == ["Acme Widgets", "Ann", "She", "Acme", "it"]
    assert joined.clusters == ((0, 3, 4), (1, 2))


def test_a_relation_of_a_mention_with_what_overlaps_it_is_left_out() -> None:
    parts = mention("Acme", Label.ORGANISATION), mention("Widgets", Label.ORGANISATION)
    second = extraction(*parts, relations=(Relation(0, "P749", 1, 0.8),), clusters=((0, 1),))
    joined = join(extraction(mention("Acme Widgets", Label.ORGANISATION)), second)
    assert (len(joined.mentions), joined.relations, joined.clusters) == (1, (), ())


spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 9), st.sampled_from(Label)),
    max_size=8,
    unique_by=lambda s: s[0],
)


@given(spans, spans, st.randoms())
def test_joined_extractions_stay_whole(first, second, random) -> None:
    def made(given_spans) -> Extraction:
        mentions = tuple(Mention(at, at + size, "x" * size, label, 0.5) for at, size, label in given_spans)
        places = list(range(len(mentions)))
        random.shuffle(places)
        half = len(places) // 2
        relations = tuple(Relation(a, "P1", b, random.random()) for a in places for b in places if a != b)
        groups = tuple(tuple(group) for group in (places[:half], places[half:]) if group)
        return Extraction("d", 0, 60, mentions, relations, clusters=groups)

    strong, weak = made(first), made(second)
    joined = join(strong, weak)
    assert set(strong.mentions) <= set(joined.mentions)
    assert [each.start for each in joined.mentions] == sorted(each.start for each in joined.mentions)
    named = {(each.subject, each.property, each.object) for each in joined.relations}
    assert len(named) == len(joined.relations)
    assert all(subject != object_ for subject, _, object_ in named)
    members = [place for group in joined.clusters for place in group]
    assert len(members) == len(set(members))
    assert join(joined, Extraction("d", 0, 60, ())) == joined == ordered(joined)


@pytest.fixture
def pair(tiny_model: Model, tmp_path: Path) -> tuple[PatternExtractor, NeuralExtractor]:
    schema = load_ontology()
    file = tmp_path / "patterns.toml"
    file.write_text(PATTERNS)
    with torch.no_grad():
        tiny_model.network.tagger.bias[0] = 9.0  # no tags: names are the patterns' alone
    return PatternExtractor(load_patterns(file, schema)), NeuralExtractor(tiny_model, schema, threshold=0.0)


def test_the_model_reads_relations_of_the_patterns_names(pair) -> None:
    patterns, neural = pair
    assert isinstance(neural, Guided)
    ensemble = Ensemble(patterns, neural)
    document = Document("d", "urn:d", TEXT)
    found = ensemble.extract(document, RuleSegmenter().segment(document))
    assert [each.text for each in found.mentions] == ["Acme Widgets", "Ann", "She", "WX-40", "it"]
    hired = next(each for each in found.relations if (each.subject, each.property) == (1, "P108"))
    assert (hired.object, hired.score) == (0, 1.0)
    read = {(each.subject, each.object) for each in found.relations if each.score < 1.0}
    assert {(0, 3), (3, 0)} & read
    assert ensemble.version == f"{neural.version}+{patterns.version}"


def test_an_extractor_that_takes_no_guidance_is_joined(pair) -> None:
    class Plain:
        version = "plain"

        def extract(self, document, sentences) -> Extraction:
            return extraction(mention("Acme", Label.ORGANISATION), mention("1999", Label.TIME))

    document = Document("d", "urn:d", TEXT)
    found = Ensemble(pair[0], Plain()).extract(document, RuleSegmenter().segment(document))
    assert [each.text for each in found.mentions] == ["Acme Widgets", "Ann", "WX-40", "1999"]


def test_many_clusters_are_joined_soon() -> None:
    count = 60_000
    names = tuple(Mention(at, at + 1, "A", Label.PERSON, 1.0) for at in range(count))
    clusters = tuple((at, at + 1) for at in range(0, count, 2))
    began = time.process_time()
    assert ordered(Extraction("d", 0, count, names, clusters=clusters)).clusters == clusters
    assert time.process_time() - began < 10


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=6))
def test_clusters_that_share_a_mention_are_one_and_others_stay_apart(groups: list[list[int]]) -> None:
    names = tuple(Mention(at, at + 1, "A", Label.PERSON, 1.0) for at in range(10))
    found = ordered(Extraction("d", 0, 10, names, clusters=tuple(map(tuple, groups)))).clusters
    owner = {member: number for number, cluster in enumerate(found) for member in cluster}
    assert len(owner) == sum(map(len, found))
    assert all(len({owner.get(member, -1 - member) for member in group}) == 1 for group in groups if group)
    joined = [{*group} for group in groups]
    for cluster in found:  # reached from its first member, group by group
        reached = {cluster[0]}
        for _ in groups:
            reached.update(*(group for group in joined if group & reached))
        assert reached == {*cluster}
