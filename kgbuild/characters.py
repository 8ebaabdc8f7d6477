"""Characters of a text in place of others, so that offsets stay."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def without_surrogates(text: str) -> str:
    r"""The text with U+FFFD in place of each lone surrogate, so that it can be encoded; offsets stay.

    >>> without_surrogates("Ada \ud83d Lee")
    'Ada \ufffd Lee'
    """
    return _SURROGATE.sub("\ufffd", text)


def lowered(text: str) -> str:
    """The text in lower case, as long as it is: what has no small letter of its own stays.

    Patterns that ignore case look at every letter twice, so long texts are matched so.

    >>> lowered("The \u0130zmir Mayor")
    'the \u0130zmir mayor'
    """
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)
