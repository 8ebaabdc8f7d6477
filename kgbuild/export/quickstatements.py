"""The statements of a store that Wikidata could take, as QuickStatements commands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from kgbuild.graph.rows import rows
from kgbuild.iris import DCTERMS, OWL, Iris, entity_id
from kgbuild.protocols import Store
from kgbuild.rdf.quickstatements import command
from kgbuild.records import ItemValue, Value
from kgbuild.views import statements


class Commands:
    """The commands of a store as lines, counted, with what is left out and why, as they are read.

    A reference is the URL that a document says it comes from (`dcterms:source`), or else its IRI. A
    local entity that is said to be one item, itself or through another local one, is that item.
    """

    def __init__(self, store: Store, iris: Iris) -> None:
        self._store = store
        self._iris = iris
        self.count = 0
        self.left_out: Counter[str] = Counter()

    def __iter__(self) -> Iterator[bytes]:
        """Each command, ended by a line break."""
        urls, items = self._urls(), self._items()
        for each in statements(self._store, iris=self._iris):
            if each.rank == "deprecated":
                self.left_out["deprecated"] += 1
                continue
            sources = [urls.get(document, document) for document in each.documents]
            subject, value = items.get(each.subject, each.subject), _as_item(each.value, items)
            qualifiers = [(pid, _as_item(qualifier, items)) for pid, qualifier in each.qualifiers]
            line = command(subject, each.property, value, qualifiers, sources)
            if line is None:
                self.left_out["an entity, property or unit that Wikidata does not have"] += 1
                continue
            self.count += 1
            yield line.encode() + b"\n"

    def _urls(self) -> dict[str, str]:
        query = f"SELECT ?document ?url {{ GRAPH ?document {{ ?document <{DCTERMS}source> ?url }} }}"
        found = rows(self._store, query)
        return {document: url for document, url in sorted(found, reverse=True)}  # noqa: C416 - typed pairs

    def _items(self) -> dict[str, str]:
        """The QID of each local entity that `owl:sameAs` makes one item."""
        import networkx as nx

        query = f"""SELECT ?one ?other {{ GRAPH <{self._iris.graph("entities")}> {{
          ?one <{OWL}sameAs> ?other }} }}"""
        same = nx.Graph(tuple(map(entity_id, pair)) for pair in rows(self._store, query))
        found: dict[str, str] = {}
        for members in nx.connected_components(same):
            items = {each for each in members if ":" not in each}
            if len(items) == 1:
                found |= dict.fromkeys(members - items, *items)
        return found


def _as_item(value: Value, items: Mapping[str, str]) -> Value:
    """The value; a local entity that is an item as that item."""
    return ItemValue(items.get(value.entity, value.entity)) if isinstance(value, ItemValue) else value
