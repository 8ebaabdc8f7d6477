"""Tables and texts enter; a small knowledge base in which the texts' names are ambiguous leaves.

    python -m kgbuild.link.kb.sample TABLES --texts TEXTS.jsonl --out INDEX

TEXTS holds JSON lines with a "text". `recipes/sample_kb.py` runs it over a corpus in any format.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kgbuild.errors import DatasetError, KgbuildError
from kgbuild.link.format import Meta
from kgbuild.link.kb.build import build_index
from kgbuild.link.kb.tables import Tables, entities, read_tables
from kgbuild.link.names import normalise, variants
from kgbuild.records import Entity

SIZE = 10_000
LONGEST_NAME = 7
SHARED = 15
"""Most items taken for one word of a name: those that hold it among others, most popular first."""

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*\.?")


def names_in(text: str) -> Iterator[str]:
    """Every run of words that begins with a capital or digit and might be a name.

    >>> list(names_in("in New York"))
    ['New', 'New York', 'York']
    """
    words = list(_WORD.finditer(text))
    for place, word in enumerate(words):
        if word[0][0].isupper() or word[0][0].isdigit():
            for last in words[place : place + LONGEST_NAME]:
                yield text[word.start() : last.end()]


def choose(tables: Tables, texts: Iterable[str], size: int = SIZE) -> list[Entity]:
    """The items of a sample knowledge base.

    All items that bear a name in the texts, alone or (for words of names) among others; what their
    facts and types name; and the most popular items, up to `size`.
    """
    known = {entity.id: entity for entity in entities(tables)}
    bearers, sharers = _by_name(known.values())
    chosen: dict[str, None] = {}
    for text in texts:
        for name in names_in(text):
            for form in (normalise(name), *variants(name)):
                chosen.update(dict.fromkeys(bearers.get(form, ())))
                if " " not in form:
                    chosen.update(dict.fromkeys(sharers.get(form, ())[:SHARED]))
    for qid in list(chosen):
        chosen.update(dict.fromkeys(bearers.get(normalise(known[qid].label), ())))
    for qid in list(chosen):
        named = (value for pid, value in tables.facts.get(qid, ()) if pid != "P1412")
        chosen.update(dict.fromkeys(value for value in (*named, *known[qid].types) if value in known))
    popular = sorted(known, key=lambda qid: (-known[qid].prior, qid))
    chosen.update(dict.fromkeys(popular[: max(0, size - len(chosen))]))
    return [known[qid] for qid in chosen]


def _by_name(known: Iterable[Entity]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Ids by full normal form, and by each word of a name of a few words, most popular first."""
    bearers: dict[str, dict[str, None]] = defaultdict(dict)
    sharers: dict[str, dict[str, None]] = defaultdict(dict)
    for entity in sorted(known, key=lambda entity: (-entity.prior, entity.id)):
        for normal in map(normalise, (entity.label, *entity.aliases)):
            bearers[normal][entity.id] = None
        words = normalise(entity.label).split()
        if 2 <= len(words) <= 3:
            for word in (words[0], words[-1]):
                sharers[word][entity.id] = None
    return {name: list(ids) for name, ids in bearers.items()}, {
        word: list(ids) for word, ids in sharers.items()
    }


def build_sample(tables: Path, texts: Sequence[str], out: Path, size: int = SIZE) -> Meta:
    """Choose the sample's items and write their index to `out`."""
    return build_index(choose(read_tables(tables), texts, size), out, source="sample")


def read_texts(path: Path) -> list[str]:
    """The texts of a file of JSON lines; `DatasetError` names the line that is not one."""
    texts = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"cannot read {path}: {error}") from error
    for number, line in enumerate(lines, start=1):
        try:
            texts.append(str(json.loads(line)["text"]))
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise DatasetError(f'{path}, line {number}: not a JSON object with a "text"') from error
    return texts


def main(arguments: Iterable[str] | None = None) -> int:
    """Build the index of a sample knowledge base."""
    parser = argparse.ArgumentParser(prog="python -m kgbuild.link.kb.sample", description=main.__doc__)
    parser.add_argument("tables", type=Path, help="the folder of Wikidata tables")
    parser.add_argument("--texts", type=Path, required=True, help='JSON lines with a "text"')
    parser.add_argument("--out", type=Path, required=True, help="the folder of the index")
    parser.add_argument("--size", type=int, default=SIZE, help="least number of items")
    options = parser.parse_args(None if arguments is None else list(arguments))
    try:
        meta = build_sample(options.tables, read_texts(options.texts), options.out, options.size)
    except KgbuildError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    sys.stdout.write(f"{options.out}: {meta.entities:,} entities, {meta.names:,} names\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
