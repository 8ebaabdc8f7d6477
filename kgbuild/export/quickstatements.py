"""The statements of a store that Wikidata could take, as QuickStatements commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kgbuild.graph.rows import rows
from kgbuild.iris import DCTERMS, Iris
from kgbuild.protocols import Store
from kgbuild.rdf.quickstatements import command
from kgbuild.views import statements


class Commands:
    """The commands of a store as lines, counted, with what is left out and why, as they are read.

    A reference is the URL that a document says it comes from (`dcterms:source`), or else its IRI.
    """

    def __init__(self, store: Store, iris: Iris) -> None:
        self._store = store
        self._iris = iris
        self.count = 0
        self.left_out: Counter[str] = Counter()

    def __iter__(self) -> Iterator[bytes]:
        """Each command, ended by a line break."""
        urls = self._urls()
        for each in statements(self._store, iris=self._iris):
            if each.rank == "deprecated":
                self.left_out["deprecated"] += 1
                continue
            sources = [urls.get(document, document) for document in each.documents]
            line = command(each.subject, each.property, each.value, each.qualifiers, sources)
            if line is None:
                self.left_out["an entity, property or unit that Wikidata does not have"] += 1
                continue
            self.count += 1
            yield line.encode() + b"\n"

    def _urls(self) -> dict[str, str]:
        query = f"SELECT ?document ?url {{ GRAPH ?document {{ ?document <{DCTERMS}source> ?url }} }}"
        found = rows(self._store, query)
        return {document: url for document, url in sorted(found, reverse=True)}  # noqa: C416 - typed pairs
