"""Wikidata's label service in plain SPARQL 1.1.

`SERVICE wikibase:label { bd:serviceParam wikibase:language "en,de". }` gives each `?xLabel`,
`?xAltLabel` and `?xDescription` of a query from `?x`. It becomes OPTIONAL look-ups at the end of its
group, where `?x` is bound, as the Wikidata query service runs it last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from kgbuild.errors import QueryError
from kgbuild.iris import RDFS, SCHEMA, SKOS, WD, WIKIBASE
from kgbuild.query.tokens import Token, closing, enclosing, tokens

_PREDICATES = {
    "AltLabel": f"<{SKOS}altLabel>",
    "Label": f"<{RDFS}label>",
    "Description": f"<{SCHEMA}description>",
}
_NAMES = {
    "rdfs:label": "Label",
    "skos:altLabel": "AltLabel",
    "schema:description": "Description",
    **{predicate: suffix for suffix, predicate in _PREDICATES.items()},
}


def rewrite_labels(query: str) -> str:
    """The query with every use of the label service rewritten; QueryError for any other service."""
    while True:
        words = tokens(query)
        at = next((i for i, word in enumerate(words) if word.is_word("SERVICE")), None)
        if at is None:
            return query
        query = _rewrite(query, words, at)


def _rewrite(query: str, words: Sequence[Token], at: int) -> str:
    """The query without the service clause at a position, and with what it stands for."""
    target = at + 2 if at + 1 < len(words) and words[at + 1].is_word("SILENT") else at + 1
    if target + 1 >= len(words) or words[target].text not in ("wikibase:label", f"<{WIKIBASE}label>"):
        name = words[target].text if target < len(words) else ""
        raise QueryError(
            f"SERVICE {name} is refused: queries run on this store alone; "
            "only SERVICE wikibase:label is understood"
        )
    last = closing(words, target + 1)
    group_end = closing(words, enclosing(words, at)) if enclosing(words, at) >= 0 else len(words)
    if last >= len(words) or group_end >= len(words):
        raise QueryError("the query does not parse: the group of SERVICE wikibase:label has no end")
    block = words[target + 2 : last]
    languages = _languages(block)
    wanted = _asked(block) or _named(words)
    lookups = " ".join(_lookup(*each, languages) for each in wanted)
    start, end, insert = words[at].start, words[last].end, words[group_end].start
    gap = re.sub(r"[^\n]", " ", query[start:end])
    rest = (
        query[end:insert].lstrip(" ").removeprefix(".") if query[end:insert].lstrip().startswith(".") else ""
    )
    return query[:start] + gap + (rest or query[end:insert]) + f" {lookups} " + query[insert:]


def _languages(block: Sequence[Token]) -> list[str]:
    """The languages that a service clause asks for, best first; English where it names none."""
    for name, string in pairwise(block):
        if name.text in ("wikibase:language", f"<{WIKIBASE}language>") and string.kind == "string":
            listed = [tag.strip().lower() for tag in string.text.strip("\"'").split(",")]
            return [tag for tag in listed if re.fullmatch(r"[a-z0-9-]+", tag)] or ["en"]
    return ["en"]


def _asked(block: Sequence[Token]) -> list[tuple[str, str, str]]:
    """What a service clause asks for by name: `?x rdfs:label ?name` (variable, suffix, name)."""
    return [
        (subject.text[1:], _NAMES[predicate.text], name.text[1:])
        for subject, predicate, name in zip(block, block[1:], block[2:], strict=False)
        if subject.kind == name.kind == "variable" and predicate.text in _NAMES
    ]


def _named(words: Sequence[Token]) -> list[tuple[str, str, str]]:
    """What the names of a query's variables ask for, where no pattern of its own gives it."""
    names = {word.text[1:] for word in words if word.kind == "variable"}
    given = {word.text[1:] for before, word in pairwise(words) if _gives(before, word)}
    found = []
    for name in sorted(names - given):
        for suffix in _PREDICATES:
            variable = name.removesuffix(suffix)
            if variable not in ("", name) and variable in names:
                found.append((variable, suffix, name))
                break
    return found


def _gives(before: Token, word: Token) -> bool:
    """Whether a variable is the object of a pattern, or the name of an expression."""
    if word.kind != "variable":
        return False
    return before.kind == "iri" or before.is_word("AS") or (before.kind == "name" and ":" in before.text)


def _lookup(variable: str, suffix: str, name: str, languages: Sequence[str]) -> str:
    """Patterns that bind `?name`; `?variable` may be unbound, and is not bound by them."""
    predicate = _PREDICATES[suffix]
    of, any_, less = f"?{name}_of", f"?{name}_any", f"?{name}_less"
    parts = [f"BIND(COALESCE(?{variable}, <urn:unbound>) AS {of})"]
    choices = []
    for rank, language in enumerate(languages):
        one = f"?{name}_{rank}"
        choices.append(one)
        if suffix == "AltLabel":
            each = f"{one}_each"
            parts.append(
                f"OPTIONAL {{ SELECT {of} (GROUP_CONCAT({each}; SEPARATOR=', ') AS {one}) "
                f"{{ {of} {predicate} {each} FILTER(LANG({each}) = '{language}') }} GROUP BY {of} }}"
            )
        else:
            parts.append(f"OPTIONAL {{ {of} {predicate} {one} FILTER(LANG({one}) = '{language}') }}")
    if suffix == "Label":
        parts.append(
            f"OPTIONAL {{ {of} {predicate} {any_} "
            f"FILTER NOT EXISTS {{ {of} {predicate} {less} FILTER(STR({less}) < STR({any_})) }} }}"
        )
        own = f"STR(?{variable})"
        choices += [any_, f"IF(STRSTARTS({own}, '{WD}'), STRAFTER({own}, '{WD}'), {own})"]
    parts.append(f"BIND(COALESCE({', '.join(choices)}) AS ?{name})")
    return " ".join(parts)
