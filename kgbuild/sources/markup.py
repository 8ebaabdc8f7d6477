"""HTML and Markdown to text, paragraphs apart by a blank line.

Of HTML the main content is kept: no menus, scripts or comments. trafilatura finds it; it merges a
paragraph into an equal one right before it. Of Markdown headings, list items, quotes and table rows
each become a paragraph; code blocks, images and comments are left out, because they are not prose.
Titles, languages and dates are taken only where the file states them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from kgbuild.sources.reading import Reading, reading, stated_date

if TYPE_CHECKING:
    from lxml.html import HtmlElement
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_CHARSET = re.compile(rb"""<meta[^>]{1,200}?charset\s*=\s*["']?\s*([\w:.-]+)""", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""\A\s*<\?xml[^>]{1,100}?encoding\s*=\s*["']([\w:.-]+)""")
_CLUTTER = ("nav", "script", "style", "noscript", "template", "iframe", "button", "select", "footer")
_JSON_LD_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TABLE_RULE = re.compile(r"\|[-| ]+\|?\s*")
_TITLE_NAMES = ("og:title", "citation_title", "dc.title", "dcterms.title")
_DATE_NAMES = (
    "article:published_time",
    "og:published_time",
    "datepublished",
    "citation_publication_date",
    "citation_date",
    "dcterms.issued",
    "dc.date.issued",
    "dcterms.date",
    "dc.date",
    "date",
    "pubdate",
    "publishdate",
    "parsely-pub-date",
)
_FIELD = re.compile(r"([\w-]+):[ \t]+([^\[{\s].*)")
_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)\n(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)


def declared_charset(content: bytes) -> str | None:
    """The encoding that an HTML file declares near its beginning.

    >>> declared_charset(b'<html><meta charset="windows-1252">')
    'windows-1252'
    """
    match = _XML_ENCODING.search(content[:1024]) or _CHARSET.search(content[:4096])
    if match is None:
        return None
    name = match[1].decode("ascii", "replace")
    # a declaration that could be read as ASCII is not in UTF-16 (HTML standard, section 13.2.3.2)
    return "utf-8" if name.lower().startswith("utf-16") else name


def html_reading(html: str) -> Reading:
    """The main content of a page, with the title, language and date that it states."""
    from lxml import html as lxml_html
    from lxml.etree import ParserError

    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True)
    try:
        tree = lxml_html.document_fromstring(html.encode(), parser=parser)
    except ParserError:  # nothing but comments or white space
        return reading("")
    metadata = _metadata(tree)
    title = next((metadata[name] for name in _TITLE_NAMES if metadata.get(name)), None) or _page_title(tree)
    language = tree.get("lang") or metadata.get("content-language") or metadata.get("og:locale")
    published = _page_date(tree, metadata)
    return reading(_main_text(tree), title=title, language=language, published=published)


def _main_text(tree: HtmlElement) -> str:
    """The main content, or all of the text where trafilatura finds none."""
    import trafilatura

    for element in tree.iter():  # lxml reads references to control characters, but will not write them
        element.text = _NOT_XML.sub("", element.text or "")
        element.tail = _NOT_XML.sub("", element.tail or "")
    for element in list(tree.iter(*_CLUTTER)):
        element.drop_tree()
    found = trafilatura.extract(tree, include_comments=False, include_tables=True, deduplicate=False)
    if not (found and found.strip()):
        found = trafilatura.html2txt(tree)
    return "\n\n".join(_block(line) for line in found.splitlines() if not _TABLE_RULE.fullmatch(line))


def _block(line: str) -> str:
    """One line of trafilatura's output without the marks of lists and table rows."""
    if line.startswith("|"):
        return " | ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
    return line.removeprefix("- ")


def _metadata(tree: HtmlElement) -> Mapping[str, str]:
    """What the meta elements say, by lower-case name; the first of a name holds."""
    metadata: dict[str, str] = {}
    for element in tree.iter("meta"):
        content = element.get("content", "").strip()
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = element.get(attribute, "").strip().lower()
            if name and content:
                metadata.setdefault(name, content)
    return metadata


def _page_title(tree: HtmlElement) -> str | None:
    """The page's only main heading, or else its title element."""
    headings = [element.text_content() for element in tree.iter("h1")]
    if len(headings) == 1 and headings[0].strip():
        return str(headings[0])
    title = tree.findtext(".//title")
    return str(title) if title else None


def _page_date(tree: HtmlElement, metadata: Mapping[str, str]) -> str | None:
    """The date of publication, where the page names it so; other dates in a page say nothing."""
    stated = [metadata[name] for name in _DATE_NAMES if name in metadata]
    stated += [
        element.get("datetime") or element.text_content()
        for element in tree.iter("time")
        if element.get("pubdate") is not None or element.get("itemprop") == "datePublished"
    ]
    linked = {
        date
        for element in tree.iter("script")
        if element.get("type") == "application/ld+json"
        for date in _JSON_LD_DATE.findall(element.text or "")
    }
    if len(linked) == 1:  # several are those of a list of articles
        stated += linked
    return next((text for text in stated if stated_date(text)), None)


def markdown_reading(markdown: str) -> Reading:
    """The prose of a Markdown file, with what its front matter (YAML or TOML) states."""
    markdown = markdown.replace("\r\n", "\n")
    stated, body = _front_matter(markdown)
    tokens = _parser().parse(body)
    heading = next(
        (
            _inline_text(tokens[index + 1])
            for index, token in enumerate(tokens)
            if token.type == "heading_open" and token.tag == "h1"
        ),
        None,
    )
    return reading(
        "\n\n".join(_markdown_blocks(tokens)),
        title=stated.get("title") or heading,
        language=stated.get("lang") or stated.get("language"),
        published=stated.get("date") or stated.get("published"),
    )


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # what is nested deeper than its limit the parser would leave out without a word
    return MarkdownIt("commonmark", {"maxNesting": 100_000}).enable("table")


def _front_matter(markdown: str) -> tuple[Mapping[str, str], str]:
    """The fields of the front matter as text, and the rest; none where it is not a mapping."""
    match = _FRONT_MATTER.match(markdown)
    if match is None:
        return {}, markdown
    import yaml

    try:
        # the base loader makes strings of all scalars, and no objects
        fields = tomllib.loads(match[2]) if match[1] == "+++" else yaml.load(match[2], yaml.BaseLoader)
    except yaml.YAMLError:  # often a colon in a title without quotation marks
        lines = [_FIELD.fullmatch(line) for line in match[2].splitlines()]
        fields = {line[1]: line[2] for line in lines if line} if all(lines) else None
    except tomllib.TOMLDecodeError:
        return {}, markdown
    if not isinstance(fields, dict):
        return {}, markdown
    simple = {
        str(name).lower(): str(value) for name, value in fields.items() if not isinstance(value, list | dict)
    }
    return simple, markdown[match.end() :]


def _markdown_blocks(tokens: list[Token]) -> Iterator[str]:
    """The text of each block; the cells of a table row make one."""
    row: list[str] | None = None
    for token in tokens:
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            yield " | ".join(row)
            row = None
        elif token.type == "inline" and row is not None:
            row.append(_inline_text(token))
        elif token.type == "inline":
            yield _inline_text(token)
        elif token.type == "html_block":
            yield _fragment_text(token.content)


def _inline_text(token: Token) -> str:
    """Text and code of an inline token, without images and tags."""
    parts = []
    for child in token.children or ():
        if child.type in ("text", "code_inline", "text_special"):
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak" or (child.type == "html_inline" and child.content.startswith("<br")):
            parts.append("\n")
    return "".join(parts).strip()


def _fragment_text(html: str) -> str:
    """The text of a piece of HTML inside Markdown."""
    from lxml import html as lxml_html

    fragment = lxml_html.fragment_fromstring(html, create_parent=True)
    for element in list(fragment.iter(*_CLUTTER)):
        element.drop_tree()
    return str(fragment.text_content()).strip()
