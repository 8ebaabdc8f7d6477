"""The statements of a store as a networkx graph: entities, and statements between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kgbuild.graph.rows import rows
from kgbuild.iris import WDT, WIKIBASE, Iris, entity_id
from kgbuild.protocols import Store
from kgbuild.rdf import honest_date
from kgbuild.records import ItemValue, QuantityValue, TextValue, TimeValue, Value
from kgbuild.views.statements import StoredStatement, labels, statements

if TYPE_CHECKING:
    import networkx as nx


def network(store: Store, *, iris: Iris, best: bool = True, values: bool = False) -> nx.MultiDiGraph[str]:
    """The graph of entities: an edge from subject to value for each statement, keyed by its IRI.

    With `best`, only statements of best rank, which are the truthy ones. Nodes are QIDs or IRIs with
    `label`, `kind` ("item") and `types` (ids of classes); edges have `property`, `label`, `rank` and
    `confidence`. With `values`, a date, quantity or text is a node of kind "value" of its own, named
    by its statement's IRI, so that a year does not join those who were born in it. Without, an
    entity of which only values are stated is a node with no edge.
    """
    import networkx as nx

    names = labels(store, iris=iris)
    classes = _types(store, iris)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()

    def item(id: str) -> str:
        graph.add_node(id, label=names.get(id, id), kind="item", types=classes.get(id, ()))
        return id

    for each in statements(store, iris=iris):
        if best and not each.best:
            continue
        subject = item(each.subject)
        if isinstance(each.value, ItemValue):
            value = item(each.value.entity)
        elif values:
            value = each.iri
            graph.add_node(value, label=value_label(each.value, names), kind="value", types=())
        else:
            continue
        graph.add_edge(subject, value, key=each.iri, **_edge(each, names))
    return graph


def value_label(value: Value, names: dict[str, str]) -> str:
    """A value as a person reads it; `names` are labels by id.

    >>> value_label(TimeValue(1912, 6, None, 10), {}), value_label(ItemValue("Q64"), {"Q64": "Berlin"})
    ('1912-06', 'Berlin')
    """
    match value:
        case ItemValue(entity):
            return names.get(entity, entity)
        case TimeValue(year=year, precision=precision):
            date = honest_date(value)
            return date.value if date else f"{year} ({'decade' if precision == 8 else 'century'})"
        case QuantityValue(amount, unit):
            number = format(amount.normalize(), "f")
            return f"{number} {names.get(unit, unit)}" if unit else number
        case TextValue(text):
            return text


def _edge(statement: StoredStatement, names: dict[str, str]) -> dict[str, str | float]:
    return {
        "property": statement.property,
        "label": names.get(statement.property, statement.property),
        "rank": statement.rank,
        "confidence": statement.confidence,
    }


def _types(store: Store, iris: Iris) -> dict[str, tuple[str, ...]]:
    """The classes of each entity."""
    query = f"""SELECT ?entity ?class {{ GRAPH <{iris.graph("entities")}> {{
      ?entity a <{WIKIBASE}Item> ; <{WDT}P31> ?class }} }} ORDER BY ?entity ?class"""
    found: dict[str, tuple[str, ...]] = {}
    for entity, class_ in rows(store, query):
        item = entity_id(entity)
        found[item] = (*found.get(item, ()), entity_id(class_))
    return found
