import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kgbuild.records import Document
from kgbuild.text import sentences
from kgbuild.text.sentences import RuleSegmenter

WORDS = ["Ann", "left", "U.S.", "Dr.", "J.", "3.5", "he", "“Yes.”", "(no)", "。", "北京", "!", "…", '"', "é"]
LANGUAGES = st.sampled_from([None, "en", "zh", "de"])
GAPS = [" ", "\n", "\n\n", "\t", " \u00a0 ", "\u3000", "\n \r\n", ""]


def segment(text: str, language: str | None = None) -> list[str]:
    document = Document("d", "https://kg.example.org/document/c/d", text, language=language)
    return [sentence.text for sentence in RuleSegmenter().segment(document)]


def check_offsets(text: str, language: str | None) -> None:
    document = Document("d", "https://kg.example.org/document/c/d", text, language=language)
    found = RuleSegmenter().segment(document)
    assert [sentence.index for sentence in found] == list(range(len(found)))
    position = 0
    for sentence in found:
        assert sentence.document_id == "d"
        assert sentence.start >= position
        assert not text[position : sentence.start].strip()
        assert text[sentence.start : sentence.end] == sentence.text == sentence.text.strip() != ""
        position = sentence.end
    assert not text[position:].strip()


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(GAPS))),
    st.sampled_from([None, "en", "zh", "de"]),
)
def test_sentences_hold_every_character_but_white_space(
    parts: list[tuple[str, str]], language: str | None
) -> None:
    check_offsets("".join(word + gap for word, gap in parts), language)


@settings(deadline=None, max_examples=100)
@given(st.text(), LANGUAGES)
def test_any_text_is_covered(text: str, language: str | None) -> None:
    check_offsets(text, language)


def test_english_prose() -> None:
    text = (
        "J. R. R. Tolkien met Dr. Smith of Acme Inc. in the U.S. on 3 Jan. 1912. It cost 3.5 million dollars."
        ' He left at 5 p.m. Then he slept. "Why?" she asked. George W. Bush was born in 1946.'
    )
    assert segment(text, "en") == [
        "J. R. R. Tolkien met Dr. Smith of Acme Inc. in the U.S. on 3 Jan. 1912.",
        "It cost 3.5 million dollars.",
        "He left at 5 p.m.",
        "Then he slept.",
        '"Why?" she asked.',
        "George W. Bush was born in 1946.",
    ]


@pytest.mark.parametrize("language", [None, "it", "tlh", "en-GB"])
def test_abbreviations_hold_in_every_language(language: str | None) -> None:
    assert segment("Dr. Smith has a Ph.D. degree. He works for Acme Inc. in Rome.", language) == [
        "Dr. Smith has a Ph.D. degree.",
        "He works for Acme Inc. in Rome.",
    ]


@pytest.mark.parametrize("language", ["zh", "zh-Hans", "ja", None])
def test_chinese_full_stops(language: str | None) -> None:
    assert segment("他住在北京。GDP增长3.5%。“真的吗？”", language) == [
        "他住在北京。",
        "GDP增长3.5%。",
        "“真的吗？”",
    ]


def test_a_blank_line_ends_a_sentence_and_a_line_break_does_not() -> None:
    assert segment("A heading\n \nAnn was\nborn here", "en") == ["A heading", "Ann was\nborn here"]


def test_german_ordinals_and_years() -> None:
    text = "Am 1. Januar 1900 kam Dr. Müller, z. B. nach Berlin. Er starb 1912. Danach blieb es still."
    assert segment(text, "de") == [
        "Am 1. Januar 1900 kam Dr. Müller, z. B. nach Berlin.",
        "Er starb 1912.",
        "Danach blieb es still.",
    ]


@pytest.mark.parametrize("text", ["", " \n\n\t "])
def test_nothing_but_white_space_has_no_sentence(text: str) -> None:
    assert segment(text) == []


def test_a_million_characters_in_one_paragraph() -> None:
    text = "Ann Lee was born in Rome in 1912. " * 32_000
    assert len(text) > 1_000_000
    found = segment(text, "en")
    assert len(found) == 32_000
    assert set(found) == {"Ann Lee was born in Rome in 1912."}


@pytest.mark.parametrize("text", ["(" * 50_000, "a" * 50_000, "'." * 25_000, " \ud800 lone."])
def test_hostile_text_is_read_in_reasonable_time(text: str) -> None:
    check_offsets(text, "en")


def test_a_segmenter_travels_and_is_shared_between_threads() -> None:
    segmenter = pickle.loads(pickle.dumps(RuleSegmenter()))
    documents = [Document(str(n), "u", f"Ann has {n} cats. Bob has none.", language="en") for n in range(40)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(segmenter.segment, documents))
    assert [result[0].text for result in results] == [f"Ann has {n} cats." for n in range(40)]


def test_a_vocabulary_that_has_grown_large_is_dropped() -> None:
    segmenter = RuleSegmenter(vocabulary=5_000)
    for start in range(0, 30_000, 1_000):
        words = " ".join(f"w{number}" for number in range(start, start + 1_000))
        (sentence,) = segmenter.segment(Document("d", "u", words, language="sv"))
        assert sentence.text == words
        assert len(sentences._pipelines["sv"].vocab) < 10_000
