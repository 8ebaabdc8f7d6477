from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from kgbuild.sources.pdf import Line, paragraphs, pdf_reading, without_running_heads
from kgbuild.sources.reading import UnreadableError

MakePdf = Callable[..., bytes]


def reason(content: bytes) -> str:
    with pytest.raises(UnreadableError) as caught:
        pdf_reading(content)
    return caught.value.reason


def column(texts: list[str], top: float = 730, left: float = 72) -> list[tuple[float, float, float, str]]:
    return [(left, top - 13 * index, 11, text) for index, text in enumerate(texts)]


def test_lines_become_paragraphs_and_broken_words_whole(make_pdf: MakePdf) -> None:
    first = column(
        [
            "Alan Turing was born in London (Maida Vale), while his father was on leave from his posi-",
            "tion in India. His well-known work appeared in 1936. He was also a rather well-",
            "known runner, and took part in the Anglo-",
            "French races.",
        ]
    )
    second = column(["After the war he moved to the “National Physical Laboratory” and de-"], top=660)
    content = make_pdf([[(72, 770, 18, "Alan Turing"), *first, *second], column(["signed the ACE."])])
    assert pdf_reading(content).text.split("\n\n") == [
        "Alan Turing",
        "Alan Turing was born in London (Maida Vale), while his father was on leave from his position in "
        "India. His well-known work appeared in 1936. He was also a rather well-known runner, and took part "
        "in the Anglo-French races.",
        "After the war he moved to the “National Physical Laboratory” and designed the ACE.",
    ]


def test_metadata(make_pdf: MakePdf) -> None:
    content = make_pdf(
        [column(["Ann left."])],
        info="/Title (A life) /CreationDate (D:20210304101500Z)",
        catalogue="/Lang (en-GB)",
    )
    document = pdf_reading(content)
    assert (document.title, document.language, document.published) == ("A life", "en-GB", date(2021, 3, 4))
    info = "/Title (Microsoft Word - draft3.doc) /CreationDate (D:20000101000000+00'00')"
    bare = pdf_reading(make_pdf([column(["Ann left."])], info=info))
    assert (bare.title, bare.language, bare.published) == (None, None, None)


def test_running_heads_and_page_numbers_are_left_out(make_pdf: MakePdf) -> None:
    pages = [
        [
            (72, 800, 9, f"Lives of mathematicians {number}"),
            *column([f"Page text {word} is"]),
            (290, 30, 9, f"{number}"),
        ]
        for number, word in enumerate(["one", "two", "three"], 1)
    ]
    text = pdf_reading(make_pdf(pages)).text
    first, *rest = text.split("\n\n")
    assert first == "Lives of mathematicians 1"
    assert rest == ["Page text one is", "Page text two is", "Page text three is"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_torn_file_is_refused(make_pdf: MakePdf, share: float) -> None:
    content = make_pdf([column(["Ann was born in Rome."] * 50)] * 5)
    assert reason(content[: int(len(content) * share)]) == "damaged PDF"


def test_a_file_that_cannot_be_opened_is_refused() -> None:
    assert reason(b"%PDF-1.7\nnothing of the kind\n%%EOF\n") == "damaged PDF"


def test_a_file_with_a_password_is_refused(make_pdf: MakePdf) -> None:
    content = make_pdf([column(["Ann left."])])
    encryption = (
        b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O (" + b"o" * 32 + b") /U (" + b"u" * 32 + b") >> "
        b"/ID [(0123456789abcdef) (0123456789abcdef)] /Info"
    )
    assert reason(content.replace(b"/Info", encryption)) == "encrypted PDF"


def test_pages_without_text_are_refused(make_pdf: MakePdf) -> None:
    assert reason(make_pdf([[], []])) == "no text"


def test_threads_may_read_at_the_same_time(make_pdf: MakePdf) -> None:
    contents = [make_pdf([column([f"Ann has {number} cats."])] * 3) for number in range(16)]
    with ThreadPoolExecutor(4) as pool:
        texts = [document.text for document in pool.map(pdf_reading, contents)]
    assert [text.split(".")[0] for text in texts] == [f"Ann has {number} cats" for number in range(16)]


def line(text: str, number: int, *, left: float = 72, right: float = 500, page: int = 0) -> Line:
    return Line(text, page, left, right, 700 - 13 * number, 11)


def test_an_indented_line_after_a_full_stop_begins_a_paragraph() -> None:
    lines = [line("One ends here.", 0), line("Two begins", 1, left=90), line("and goes on.", 2)]
    assert list(paragraphs(lines)) == ["One ends here.", "Two begins and goes on."]


def test_a_short_last_line_ends_a_paragraph() -> None:
    lines = [line("One goes", 0), line("to its end.", 1, right=200), line("Two", 2)]
    assert list(paragraphs(lines)) == ["One goes to its end.", "Two"]


def test_no_lines_no_paragraphs() -> None:
    assert list(paragraphs([])) == []
    assert without_running_heads([], 0) == []


def test_a_page_of_one_line_is_kept() -> None:
    lines = [line("1984", 0, page=page) for page in range(4)]
    assert without_running_heads(lines, pages=4) == lines
