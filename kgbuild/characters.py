"""Characters that a text may hold and no tokenizer takes."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def without_surrogates(text: str) -> str:
    r"""The text with U+FFFD in place of each lone surrogate, so that it can be encoded; offsets stay.

    >>> without_surrogates("Ada \ud83d Lee")
    'Ada \ufffd Lee'
    """
    return _SURROGATE.sub("\ufffd", text)
