"""The pattern extractor: names, phrasings, slots, and the example of docs/patterns.md."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.errors import ConfigurationError
from kgbuild.extract.patterns import load_patterns
from kgbuild.extract.patterns_extractor import PatternExtractor
from kgbuild.extract.patterns_slots import Filled, TokenSpan, longest
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import Document, Extraction, Label, Mention
from kgbuild.text.sentences import RuleSegmenter

GUIDE = Path(__file__).parents[2] / "docs" / "patterns.md"
NAMES = """
[[entity]]
label = "organisation"
pattern = "Acme Widgets"
id = "Q99"
[[entity]]
label = "organisation"
pattern = [{LOWER = "acme"}]
id = "Q99"
[[entity]]
label = "other"
pattern = "Widgets Weekly"
[[entity]]
label = "person"
pattern = "Ann Lee"
"""
BORN = """
[[relation]]
property = "P19"
pattern = [
  {SLOT = "subject"}, {LOWER = "of"}, {SLOT = "object", LABEL = "location", IS_TITLE = true, OP = "+"}
]
"""
LEADS = """
[[relation]]
property = "P169"
pattern = [{SLOT = "object"}, {OP = "{0,2}"}, {LOWER = "leads"}, {SLOT = "subject"}]
"""


@pytest.fixture(scope="session")
def full_schema() -> Ontology:
    return load_ontology()


@pytest.fixture
def made(tmp_path: Path, full_schema: Ontology):
    """Pattern files' texts to extractors."""

    def make(text: str) -> PatternExtractor:
        (tmp_path / "patterns.toml").write_text(text)
        return PatternExtractor(load_patterns(tmp_path / "patterns.toml", full_schema))

    return make


def read(extractor: PatternExtractor, text: str) -> Extraction:
    document = Document("d", "urn:d", text)
    return extractor.extract(document, RuleSegmenter().segment(document))


def told(extraction: Extraction) -> list[tuple[str, str, str]]:
    """Relations and attributes as texts."""
    mentions = extraction.mentions
    relations = [
        (mentions[each.subject].text, each.property, mentions[each.object].text)
        for each in extraction.relations
    ]
    return relations + [
        (mentions[each.subject].text, each.property, each.text) for each in extraction.attributes
    ]


def test_the_longest_name_wins_and_spans_quote_the_text(made) -> None:
    text = "At Acme\n   Widgets Weekly, Ann Lee met ACME's men."
    found = read(made(NAMES), text)
    assert [(each.text, each.label) for each in found.mentions] == [
        ("Acme\n   Widgets", Label.ORGANISATION),
        ("Ann Lee", Label.PERSON),
        ("ACME", Label.ORGANISATION),
    ]
    assert all(text[each.start : each.end] == each.text for each in found.mentions)
    assert found.clusters == ((0, 2),)


def test_of_equal_matches_the_first_in_the_file_wins(made) -> None:
    second = '[[entity]]\nlabel = "person"\npattern = "Acme Widgets"\n'
    assert read(made(NAMES + second), "Acme Widgets").mentions[0].label is Label.ORGANISATION
    assert read(made(second + NAMES), "Acme Widgets").mentions[0].label is Label.PERSON


def test_a_slot_captures_the_longest_run_of_words(made) -> None:
    found = read(made(NAMES + BORN), "Ann Lee of New York City lives. Ann Lee of the wild.")
    assert told(found) == [("Ann Lee", "P19", "New York City")]
    assert found.mentions[1].label is Label.LOCATION


SPANS = st.tuples(st.integers(0, 6), st.integers(1, 4)).map(lambda each: (each[0], each[0] + each[1]))


@given(st.lists(st.tuples(SPANS, SPANS), unique=True))
def test_matches_that_are_parts_of_another_are_dropped(spans: list[tuple[TokenSpan, TokenSpan]]) -> None:
    found = [Filled(0, *each) for each in spans]

    def holds(outer: Filled, inner: Filled) -> bool:
        return all(
            wide[0] <= narrow[0] and narrow[1] <= wide[1]
            for wide, narrow in ((outer.subject, inner.subject), (outer.object, inner.object))
        )

    whole = [each for each in found if not any(other != each and holds(other, each) for other in found)]
    assert list(longest(found)) == whole


def test_many_names_in_a_sentence_are_read_soon() -> None:
    names = [(place, place + 1) for place in range(0, 240, 2)]
    found = [Filled(0, subject, object_) for subject in names for object_ in names if subject != object_]
    began = time.process_time()
    assert list(longest(found)) == found
    assert time.process_time() - began < 10


def test_captured_words_inside_a_mention_mean_the_mention_and_cut_ones_nothing(made) -> None:
    extractor = made(NAMES + BORN)
    document = Document("d", "urn:d", "Ann Lee of New York City")
    sentences = RuleSegmenter().segment(document)

    def with_place(start: int, end: int) -> list[tuple[str, str, str]]:
        person = Mention(0, 7, "Ann Lee", Label.PERSON, 1.0)
        place = Mention(start, end, document.text[start:end], Label.LOCATION, 0.8)
        return told(extractor.relate(document, sentences, Extraction("d", 0, 24, (person, place))))

    assert with_place(11, 24) == [("Ann Lee", "P19", "New York City")]
    assert with_place(15, 19) == []


def test_a_mention_around_another_does_not_hide_it(made) -> None:
    document = Document("d", "urn:d", "Ann Lee of New York")
    inside = Mention(11, 19, "New York", Label.LOCATION, 0.8)
    mentions = (
        Mention(0, 7, "Ann Lee", Label.PERSON, 1.0),
        Mention(8, 19, "of New York", Label.OTHER, 0.8),
        inside,
    )
    given = Extraction("d", 0, 19, mentions)
    found = made(NAMES + BORN).relate(document, RuleSegmenter().segment(document), given)
    assert told(found) == [("Ann Lee", "P19", "New York")]


def test_a_mention_slot_holds_a_whole_mention_of_an_allowed_type(made) -> None:
    extractor = made(NAMES + LEADS)
    assert told(read(extractor, "Ann Lee still leads Acme Widgets.")) == [("Acme Widgets", "P169", "Ann Lee")]
    assert told(read(extractor, "Acme Widgets leads Acme.")) == []
    assert told(read(extractor, "Ann Lee. She leads Acme Widgets.")) == []


def test_every_pair_of_a_phrasing_with_a_gap_is_read(made) -> None:
    names = NAMES + '[[entity]]\nlabel = "person"\npattern = "Bo Ek"\n'
    found = read(made(names + LEADS), "Ann Lee, Bo Ek leads Acme.")
    assert told(found) == [("Acme", "P169", "Bo Ek")]
    wide = LEADS.replace("{0,2}", "*")
    assert sorted(told(read(made(names + wide), "Ann Lee, Bo Ek leads Acme."))) == [
        ("Acme", "P169", "Ann Lee"),
        ("Acme", "P169", "Bo Ek"),
    ]


def test_a_document_does_not_depend_on_those_before_it(made) -> None:
    extractor = made(NAMES + LEADS + BORN)
    text = "Ann Lee leads Acme. Ann Lee of Leeds."
    alone = read(extractor, text)
    read(extractor, " ".join(f"word{number} Acme of Oslo{number}" for number in range(5000)))
    assert read(extractor, text) == alone


def test_what_spacy_cannot_tokenize_is_read_all_the_same(made) -> None:
    text = "\ud800 " + "x" * 5000 + " Acme. \u200b\n\n \t"
    assert [each.start for each in read(made(NAMES), text).mentions] == [text.index("Acme")]
    assert read(made(NAMES), "").mentions == ()
    assert read(made(""), "Acme").mentions == ()


def test_names_are_identified_as_a_whole(made) -> None:
    assert made(NAMES).identify(["ACME", "Acme Widgets", "Acme Widgets Weekly", "Ann Lee", ""]) == {
        "ACME": "Q99",
        "Acme Widgets": "Q99",
    }


def test_the_version_changes_with_the_patterns(made) -> None:
    assert made(NAMES).version == made(NAMES).version
    assert made(NAMES).version != made(NAMES + BORN).version


def test_a_language_that_spacy_does_not_have_is_refused(made) -> None:
    with pytest.raises(ConfigurationError, match="'klingon'"):
        made('language = "klingon"\n' + NAMES)


def test_the_guide_tells_the_truth(made) -> None:
    blocks = re.findall(r"^```(toml|text)\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    patterns = next(text for kind, text in blocks if kind == "toml" and "[[entity]]" in text)
    text, outcome = [text for kind, text in blocks if kind == "text"][:2]
    extractor = made(patterns)
    found = read(extractor, text)
    assert ["  ".join(each) for each in told(found)] == outcome.splitlines()
    names = {mention.text for mention in found.mentions if mention.text.lower().startswith("acme")}
    assert extractor.identify(names) == dict.fromkeys(("Acme Widgets", "ACME", "Acme Inc"), "Q30241")
    assert len(found.clusters) == 1
