"""Where a name of a knowledge base stands in a sentence: a string enters, a span of code points leaves."""

from __future__ import annotations

import calendar
import re

_GOLD_DATE = re.compile(r"(\d\d) ([A-Z][a-z]+) (\d{3,4})|(\d{4})-(\d\d)-(\d\d)")


def find(name: str, text: str) -> tuple[int, int] | None:
    """Where a gold string stands in a sentence, spaced in any way, or None.

    >>> find("Ada_King", "She was Ada King."), find("01 May 2009", "Out in May 2009 in Rome")
    ((8, 16), (7, 15))
    >>> find("Ada King", "Ada Augusta King"), find("king", "Viking"), find("Up: (Live)", "Up : ( Live )")
    ((0, 16), None, (0, 13))
    """
    plain = name.strip('"').replace("_", " ").strip()
    words = [re.escape(word) for word in plain.split()]
    parts = [re.escape(part) for part in re.findall(r"\w+|[^\w\s]", plain)]
    written = [*map(re.escape, _dates(plain)), r"\s*".join(parts)]
    between = [rf"{words[0]}(?:\s+[A-Z][\w.'-]*){{1,2}}\s+{words[-1]}"] if len(words) > 1 else []
    for patterns, flags in ((written, re.NOFLAG), (written, re.IGNORECASE), (between, re.NOFLAG)):
        for pattern in patterns:
            match = re.search(rf"(?<!\w){pattern}(?!\w)", text, flags) if words else None
            if match:
                return match.span()
    return None


def _dates(name: str) -> list[str]:
    """How a date is commonly written, most precise first.

    >>> _dates("01 May 2009")
    ['01 May 2009', '1 May 2009', 'May 1, 2009', 'May 1 2009', 'May 2009', '2009']
    """
    match = _GOLD_DATE.fullmatch(name)
    if not match:
        return []
    if match[4]:
        year, month, day = match[4], calendar.month_name[int(match[5]) % 13], int(match[6])
    else:
        year, month, day = match[3], match[2], int(match[1])
    whole = [name, f"{day} {month} {year}", f"{month} {day}, {year}", f"{month} {day} {year}"]
    return [*whole, f"{month} {year}", str(int(year))]
