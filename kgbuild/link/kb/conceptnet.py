"""ConceptNet's assertions (CSV separated by tabs) enter; what they say of concepts leaves.

Source: https://github.com/commonsense/conceptnet5/wiki/Downloads
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from kgbuild.link.kb.triples import Role, Said, id_of

BASE = "http://conceptnet.io"
NOT_AN_ASSERTION = "lines that are not assertions"
_COLUMNS = 4


def read(lines: Iterable[str], languages: Sequence[str], counts: Counter[str]) -> Iterator[Said]:
    """What assertions say of concepts in the languages; a line that is none is counted.

    >>> lines = ["/a/1\\t/r/IsA\\t/c/en/golden_eagle/n\\t/c/en/bird\\t{}"]
    >>> [(said.role.name, said.value) for said in read(lines, ["en"], Counter())]
    [('LABEL', 'golden eagle'), ('LABEL', 'bird'), ('TYPE', 'http://conceptnet.io/c/en/bird')]
    """
    for line in lines:
        cells = line.rstrip("\r").split("\t")
        if len(cells) < _COLUMNS or not cells[1].startswith("/r/") or not cells[2].startswith("/c/"):
            counts[NOT_AN_ASSERTION] += bool(line.strip())
            continue
        relation, start, end = cells[1], cells[2], cells[3]
        if _language(start) not in languages:
            continue
        concept = f"{BASE}{start}"
        yield Said(concept, Role.LABEL, _language(start), _label(start))
        if relation == "/r/ExternalURL":
            yield Said(concept, Role.SAME, "", id_of(end))
        elif _language(end) in languages:
            other = f"{BASE}{end}"
            yield Said(other, Role.LABEL, _language(end), _label(end))
            if relation == "/r/Synonym":
                yield Said(concept, Role.ALIAS, _language(end), _label(end))
                yield Said(other, Role.ALIAS, _language(start), _label(start))
            elif relation == "/r/IsA":
                yield Said(concept, Role.TYPE, "", other)
            else:
                yield Said(concept, Role.ITEM_FACT, f"{BASE}{relation}", other)


def _language(concept: str) -> str:
    """The language of a concept, or "".

    >>> _language("/c/en/dog/n"), _language("http://dbpedia.org/resource/Dog")
    ('en', '')
    """
    parts = concept.split("/")
    return parts[2] if concept.startswith("/c/") and len(parts) > 3 else ""


def _label(concept: str) -> str:
    return concept.split("/")[3].replace("_", " ")
