from datetime import date

import pytest

from kgbuild.sources.markup import declared_charset, html_reading, markdown_reading
from kgbuild.sources.reading import UnreadableError

PAGE = """<!doctype html>
<html lang="en-GB"><head><title>Alan Turing | Lives</title>
<meta property="article:published_time" content="2021-03-04T10:00:00Z">
<style>p { color: red }</style><script>var tracker = 1;</script></head>
<body><nav><a href="/">Home</a> <a href="/all">All lives</a></nav>
<!-- a comment -->
<article><h1>Alan Turing</h1>
<p>Alan Turing was born in <a href="/london">London</a> in 1912.<br>He studied mathematics at Cambridge.</p>
<h2>Work</h2>
<p>He worked at <b>Bletchley</b> Park during the war &amp; at Manchester after it.</p>
<ul><li>Turing machine</li><li>Turing test</li></ul>
<table><tr><th>Name</th><th>Born</th></tr><tr><td>Turing</td><td>1912</td></tr></table>
</article><footer>Copyright 2019 Lives Ltd. Terms of use</footer></body></html>"""


def test_the_main_content_in_paragraphs() -> None:
    assert html_reading(PAGE).text.split("\n\n") == [
        "Alan Turing",
        "Alan Turing was born in London in 1912.",
        "He studied mathematics at Cambridge.",
        "Work",
        "He worked at Bletchley Park during the war & at Manchester after it.",
        "Turing machine",
        "Turing test",
        "Name | Born",
        "Turing | 1912",
    ]


def test_what_the_page_states_of_itself() -> None:
    page = html_reading(PAGE)
    assert (page.title, page.language, page.published) == ("Alan Turing", "en-GB", date(2021, 3, 4))


def test_a_short_page_without_structure() -> None:
    page = html_reading("<div>Ann Lee was born in Rome.</div>")
    assert page.text == "Ann Lee was born in Rome."
    assert (page.title, page.language, page.published) == (None, None, None)


def test_short_repeated_paragraphs_are_kept() -> None:
    html = "<p>Ann was born in Rome.</p><p>She left.</p><p>Ann was born in Rome.</p><p>She left.</p>"
    assert html_reading(html).text.count("Ann was born in Rome.") == 2


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="citation_publication_date" content="2021/03/04">',
        '<meta itemprop="datePublished" content="2021-03-04">',
        '<script type="application/ld+json">{"@type": "Article", "datePublished": "2021-03-04"}</script>',
        '<time itemprop="datePublished" datetime="2021-03-04">4 March</time>',
    ],
)
def test_stated_dates(head: str) -> None:
    assert html_reading(f"<html><body>{head}<p>Ann was born.</p></body></html>").published == date(2021, 3, 4)


@pytest.mark.parametrize(
    "body",
    [
        '<p>Born on <time datetime="1912-06-23">23 June</time>.</p>',
        "<p>Ann was born.</p><footer>Copyright 2019</footer>",
        '<p>Ann was born.</p><meta name="date" content="soon">',
        '<script type="application/ld+json">[{"datePublished": "2021-03-04"}, '
        '{"datePublished": "2021-03-05"}]</script><p>Ann was born.</p>',
    ],
)
def test_no_date_is_made_up(body: str) -> None:
    assert html_reading(f"<html><body>{body}</body></html>").published is None


@pytest.mark.parametrize(
    "html", ["<html></html>", "<!-- nothing -->", "<script>var x = 1</script>", "<nav>Home</nav>"]
)
def test_a_page_without_text_is_refused(html: str) -> None:
    with pytest.raises(UnreadableError, match="no text"):
        html_reading(html)


def test_torn_html_is_read_as_far_as_it_goes() -> None:
    cut = PAGE[: PAGE.index("</p>\n<h2>")]
    assert html_reading(cut).text.endswith("He studied mathematics at Cambridge.")


def test_references_to_control_characters_vanish() -> None:
    assert html_reading("<p>Ann&#1; was &#xfffe;born in Rome.</p>").text == "Ann was born in Rome."


def test_declared_charsets() -> None:
    assert declared_charset(b'<meta http-equiv=x content="text/html; charset=ISO-8859-1">') == "ISO-8859-1"
    assert declared_charset(b'<?xml version="1.0" encoding="koi8-r"?><html>') == "koi8-r"
    assert declared_charset(b"<p>charset=latin1</p>") is None


MARKDOWN = """# Ann *Lee*

Ann Lee was born
in `Rome` ([map](https://example.org)). ![portrait](ann.png)

## Life
- a painter
  - of walls
- a writer

> She left.

| Name | Born |
|------|------|
| Ann  | 1912 |

```python
print("not prose")
```

    nor this

<div>In a <b>box</b></div>
<!-- hidden -->
"""


def test_markdown_blocks() -> None:
    assert markdown_reading(MARKDOWN).text.split("\n\n") == [
        "Ann Lee",
        "Ann Lee was born in Rome (map).",
        "Life",
        "a painter",
        "of walls",
        "a writer",
        "She left.",
        "Name | Born",
        "Ann | 1912",
        "In a box",
    ]


def test_the_first_heading_is_the_title_unless_front_matter_says_another() -> None:
    assert markdown_reading(MARKDOWN).title == "Ann Lee"
    stated = markdown_reading("---\ntitle: A life\n---\n" + MARKDOWN)
    assert stated.title == "A life"
    assert stated.text == markdown_reading(MARKDOWN).text


@pytest.mark.parametrize(
    "front",
    [
        '---\ntitle: "A: life"\ndate: 2021-03-04\nlang: en\ntags: [x]\n---\n',
        '+++\ntitle = "A: life"\ndate = 2021-03-04\nlanguage = "en"\n+++\n',
        "---\ntitle: A: life\ndate: 2021-03-04\nlang: en\n---\n",
        "---\r\nTitle: 'A: life'\r\nDate: 2021-03-04 10:00:00\r\nlanguage: en\r\n...\r\n",
    ],
)
def test_front_matter(front: str) -> None:
    document = markdown_reading(front + "Ann left.")
    assert (document.title, document.language, document.published) == ("A: life", "en", date(2021, 3, 4))
    assert document.text == "Ann left."


@pytest.mark.parametrize("text", ["---\nAnn left\n---\nBob stayed", "---\na: [broken\n---\nBob stayed"])
def test_rules_and_broken_front_matter_are_text(text: str) -> None:
    document = markdown_reading(text)
    assert document.text.endswith("Bob stayed")
    assert document.text != "Bob stayed"


def test_a_wrong_date_in_front_matter_is_no_date() -> None:
    assert markdown_reading("---\ndate: 2021-13-45\n---\nAnn left.").published is None
