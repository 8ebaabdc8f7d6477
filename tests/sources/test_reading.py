import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.sources.reading import UnreadableError, clean, decode, language_tag, reading, stated_date


def refusal(content: bytes, encoding: str | None = None) -> UnreadableError:
    with pytest.raises(UnreadableError) as caught:
        decode(content, encoding)
    return caught.value


def test_wrong_encoding_names_byte_and_offset() -> None:
    error = refusal("Er wohnt in Köln".encode("latin-1"))
    assert error.reason == "not UTF-8"
    assert error.detail == "is not UTF-8 (byte 0xF6 at offset 13): convert it to UTF-8"


def test_control_characters_are_no_text() -> None:
    error = refusal(b"PK\x03\x04 and so on")
    assert error.reason == "control characters"
    assert "U+0003 at offset 2" in error.detail


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding(encoding: str) -> None:
    assert decode("Köln".encode(encoding)) == "Köln"


def test_declared_latin_1_is_read_as_windows_1252() -> None:
    assert decode(b"\x93K\xf6ln\x94", "iso-8859-1") == "“Köln”"


def test_an_unknown_encoding_is_named() -> None:
    assert refusal(b"x", "utf-9").reason == "unknown encoding"


def test_line_breaks_of_every_kind() -> None:
    assert clean("a\r\nb\rc\u2028d\x85e\fnew page") == "a\nb\nc\nd\ne\n\nnew page"


@given(st.text(st.characters()))
def test_cleaned_text_is_clean_and_stays_so(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not {"\r", "\0", "\u00ad", "\ufeff"} & set(cleaned)
    assert clean(cleaned) == cleaned


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_text_survives_decoding(text: str) -> None:
    assert decode(text.encode("utf-8-sig")) == text


def test_nothing_but_white_space_is_refused() -> None:
    with pytest.raises(UnreadableError, match="no text"):
        reading(" \u200b\n")


@pytest.mark.parametrize(
    ("stated", "tag"),
    [("EN", "en"), ("pt_br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("english", None), ("", None)],
)
def test_language_tags(stated: str, tag: str | None) -> None:
    assert language_tag(stated) == tag


@pytest.mark.parametrize(
    ("stated", "iso"),
    [
        ("2021-03-04", "2021-03-04"),
        ("2021-03-04T23:30:00-05:00", "2021-03-04"),
        ("2021/03/04", "2021-03-04"),
        ("20210304", "2021-03-04"),
        ("D:20210304", "2021-03-04"),
        ("March 4, 2021", "2021-03-04"),
    ],
)
def test_whole_dates(stated: str, iso: str) -> None:
    found = stated_date(stated)
    assert found is not None
    assert found.isoformat() == iso


@pytest.mark.parametrize(
    "stated", ["2021", "2021-03", "2021-02-30", "1614852000", "3/4/2021", "", "yesterday"]
)
def test_less_than_a_date_is_no_date(stated: str) -> None:
    assert stated_date(stated) is None
