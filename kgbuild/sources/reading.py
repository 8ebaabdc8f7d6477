"""What a reader gives: text with what the file says of itself, or why there is none.

Every text is cleaned alike before it becomes `Document.text`, and offsets refer to it ever after:
line breaks are "\\n", the form is NFC, and control characters, soft hyphens, byte-order marks and
lone surrogates are gone.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from kgbuild.errors import KgbuildError

_LINE_BREAK = re.compile("\r\n?|[\v\x85\u2028]")
_PAGE_BREAK = re.compile("[\f\u2029]")
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\ufeff\ufffe\uffff\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_DATE = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)(?!\d)|(\d{4})(\d\d)(\d\d)(?:\d{4}|\d{6})?(?!\d)")
_DATE_IN_WORDS = ("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class UnreadableError(KgbuildError):
    """A document cannot be read; the source makes a `Rejection` of it.

    `reason` is a short phrase that reports count by; `detail` names the place and the mend.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Reading:
    """A document without its identity."""

    text: str
    title: str | None = None
    language: str | None = None
    published: date | None = None


def reading(
    text: str,
    *,
    title: str | None = None,
    language: str | None = None,
    published: str | date | None = None,
) -> Reading:
    """A reading of cleaned text, or `UnreadableError` where nothing is left.

    >>> reading("Ann\\r\\nLee", title=" Ann  Lee ", language="en_gb", published="2021-03-04T10:00:00Z")
    Reading(text='Ann\\nLee', title='Ann Lee', language='en-GB', published=datetime.date(2021, 3, 4))
    """
    cleaned = clean(text)
    if not cleaned:
        raise UnreadableError("no text", "nothing is left to read but white space")
    return Reading(
        text=cleaned,
        title=" ".join(clean(title or "").split()) or None,
        language=language_tag(language),
        published=published if isinstance(published, date) else stated_date(published),
    )


def clean(text: str) -> str:
    """Text as `Document.text` holds it; see the module.

    >>> clean("Wiki\\u00adpedia\\r\\nCafe\\u0301\\x00 ")
    'Wikipedia\\nCafé'
    """
    text = _PAGE_BREAK.sub("\n\n", _LINE_BREAK.sub("\n", text))
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).strip()


def decode(content: bytes, encoding: str | None = None) -> str:
    """The characters of a text file: by its byte-order mark, else as declared, else UTF-8.

    Raises `UnreadableError` for bytes that the encoding does not have, and for control characters,
    which no text holds.

    >>> decode(b"\\xef\\xbb\\xbfcaf\\xc3\\xa9")
    'café'
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            content, encoding = content[len(mark) :], name
            break
    name = _codec_name(encoding or "utf-8")
    try:
        text = content.decode(name)
    except UnicodeDecodeError as error:
        shown = "UTF-8" if name == "utf-8" else name
        what = f"byte 0x{content[error.start]:02X} at offset {error.start}"
        raise UnreadableError(f"not {shown}", f"is not {shown} ({what}): convert it to UTF-8") from error
    control = _CONTROL.search(text)
    if control is not None:
        what = f"U+{ord(control[0]):04X} at offset {control.start()}"
        raise UnreadableError(
            "control characters", f"holds control characters ({what}): it is not text, or is damaged"
        )
    return text


def _codec_name(label: str) -> str:
    """Python's name of an encoding; as on the web, Latin-1 and ASCII are read as Windows-1252."""
    try:
        name = codecs.lookup(label.strip()).name
    except LookupError as error:
        raise UnreadableError(
            "unknown encoding", f"declares the encoding {label!r}, which is not known: convert it to UTF-8"
        ) from error
    return "cp1252" if name in ("iso8859-1", "ascii") else name


def language_tag(language: str | None) -> str | None:
    """A BCP 47 tag in its usual letter case, or None where none is said.

    >>> language_tag("zh-hans_CN"), language_tag("x-default"), language_tag("und")
    ('zh-Hans-CN', None, None)
    """
    tag = (language or "").strip().replace("_", "-")
    if not _LANGUAGE.fullmatch(tag):
        return None
    primary, *subtags = tag.split("-")
    if primary.casefold() in ("und", "mul", "zxx", "mis"):
        return None
    cased = [
        subtag.upper() if len(subtag) == 2 else subtag.title() if len(subtag) == 4 else subtag.lower()
        for subtag in subtags
    ]
    return "-".join([primary.lower(), *cased])


def stated_date(stated: str | None) -> date | None:
    """A whole date in ISO 8601, RFC 5322 or PDF form or in English words; None for less, never a guess.

    >>> stated_date("2021-03-04T10:00:00Z"), stated_date("D:20210304101500+01'00'")
    (datetime.date(2021, 3, 4), datetime.date(2021, 3, 4))
    >>> stated_date("Thu, 04 Mar 2021 10:00:00 GMT"), stated_date("4 March 2021")
    (datetime.date(2021, 3, 4), datetime.date(2021, 3, 4))
    >>> stated_date("2021"), stated_date("3/4/2021"), stated_date("last week")
    (None, None, None)
    """
    text = (stated or "").strip().removeprefix("D:")
    if not text:
        return None
    numeric = _DATE.match(text)
    if numeric is not None:
        year, month, day = (int(part) for part in numeric.groups() if part)
        with suppress(ValueError):
            return date(year, month, day)
        return None
    for form in _DATE_IN_WORDS:
        with suppress(ValueError):
            return datetime.strptime(text, form).date()
    from email.utils import parsedate_to_datetime

    with suppress(ValueError):
        return parsedate_to_datetime(text).date()
    return None
