from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kgbuild.sources.readers import DOCX, HTML, MARKDOWN, MIME_TYPES, PDF, ROWS, TEXT, mime_type, read
from kgbuild.sources.reading import UnreadableError


def reason(content: bytes, mime: str) -> str:
    with pytest.raises(UnreadableError) as caught:
        read(content, mime)
    return caught.value.reason


@pytest.mark.parametrize("mime", sorted(set(MIME_TYPES.values()) - set(ROWS)))
def test_an_empty_file_is_refused_in_every_format(mime: str) -> None:
    assert reason(b"", mime) == "empty"
    assert reason(b" \n\t", mime) == "empty"


@pytest.mark.parametrize(
    ("mime", "expected"),
    [
        (TEXT, "control characters"),
        (MARKDOWN, "control characters"),
        (HTML, "control characters"),
        (PDF, "not a PDF"),
        (DOCX, "not a DOCX"),
    ],
)
def test_garbage_is_refused_in_every_format(mime: str, expected: str) -> None:
    assert reason(bytes(range(128)) * 20, mime) == expected


@pytest.mark.parametrize("mime", [TEXT, MARKDOWN, HTML])
def test_latin_1_is_refused_in_every_text_format(mime: str) -> None:
    assert reason("<p>Sie wohnt in Köln.</p>".encode("latin-1"), mime) == "not UTF-8"


def test_endings() -> None:
    assert mime_type("a/b.c/NOTES.TXT") == TEXT
    with pytest.raises(UnreadableError, match=r"ends in '\.exe'"):
        mime_type("setup.exe")
    with pytest.raises(UnreadableError, match="has no ending"):
        mime_type("folder.d/README")


def test_an_unknown_type_is_refused() -> None:
    assert reason(b"x", "image/png") == "unsupported type"


def test_deep_nesting_ends_in_a_reading_or_a_refusal() -> None:
    assert read(b"> " * 50 + b"Ann", MARKDOWN).text == "Ann"
    assert reason(b"> " * 5_000 + b"Ann", MARKDOWN) == "too deeply nested"
    front_matter = b"---\na: " + b"[" * 50_000 + b"\n---\nAnn"
    assert reason(front_matter, MARKDOWN) == "too deeply nested"
    assert "Ann" in read(b"<div>" * 200 + b"Ann was here." + b"</div>" * 200, HTML).text


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_anywhere_ends_in_a_reading_or_a_refusal(
    data: st.DataObject, make_pdf: Callable[..., bytes], docx_bytes: bytes
) -> None:
    whole = {
        PDF: make_pdf([[(72, 700, 11, "Ann was born in Rome.")]]),
        DOCX: docx_bytes,
        HTML: b"<html><body><p>Ann &amp; Bob</p><table><tr><td>x</table></body></html>",
        MARKDOWN: b"---\ntitle: A\n---\n# Ann\n\n- was *born* in\n\n| a | b |\n|---|---|\n| c | d |\n",
    }
    mime = data.draw(st.sampled_from(sorted(whole)))
    content = bytearray(whole[mime])
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        said = read(bytes(content[: data.draw(st.integers(0, len(content)))]), mime).text
    except UnreadableError as error:
        said = error.detail
    assert said
