"""The words of a SPARQL query: enough to find clauses and groups, never inside strings or comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    (?P<space> \s+ | \#[^\n]* )
  | (?P<string> \"{3} (?:\\.|[^\\])*? \"{3} | '{3} (?:\\.|[^\\])*? '{3}
              | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
  | (?P<iri> <[^<>"{}|^`\\\x00-\x20]*> )
  | (?P<variable> [?$]\w+ )
  | (?P<language> @[A-Za-z][A-Za-z0-9-]* )
  | (?P<name> [\w-]*(?:\.[\w-]+)*:(?:[\w:-]|%[0-9A-Fa-f]{2}|\\.|\.(?=[\w:%\\-]))* | [^\W\d]\w* )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A word of a query: its kind (string, iri, variable, language, name, other), text and offset."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset just after the last character."""
        return self.start + len(self.text)

    def is_word(self, *words: str) -> bool:
        """Whether this is one of these keywords, in any case."""
        return self.kind == "name" and self.text.upper() in words


def tokens(query: str) -> list[Token]:
    """The words of a query in order, without white space and comments.

    >>> [token.text for token in tokens("SELECT ?x { ?x a <a#b> } # SERVICE")]
    ['SELECT', '?x', '{', '?x', 'a', '<a#b>', '}']
    """
    return [
        Token(match.lastgroup, match.group(), match.start())
        for match in _TOKEN.finditer(query)
        if match.lastgroup and match.lastgroup != "space"
    ]


def closing(words: Sequence[Token], opening: int) -> int:
    """The position of the brace that closes the group opened at a position; the end where none does."""
    depth = 0
    for position in range(opening, len(words)):
        depth += {"{": 1, "}": -1}.get(words[position].text, 0)
        if depth == 0:
            return position
    return len(words)


def enclosing(words: Sequence[Token], position: int) -> int:
    """The position of the brace that opens the group around a position; -1 outside of all groups."""
    depth = 0
    for before in range(position - 1, -1, -1):
        depth += {"{": -1, "}": 1}.get(words[before].text, 0)
        if depth < 0:
            return before
    return -1
