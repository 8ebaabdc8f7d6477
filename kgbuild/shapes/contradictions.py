"""Shapes that nothing can satisfy, and words that SHACL does not know."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator

from rdflib import SH, Graph
from rdflib.collection import Collection
from rdflib.term import Literal, Node, URIRef

_TARGETS = (SH.targetObjectsOf, SH.targetSubjectsOf, SH.targetClass, SH.targetNode)
_NODE_KINDS = {
    SH.IRI: {"IRI"},
    SH.BlankNode: {"blank"},
    SH.Literal: {"literal"},
    SH.BlankNodeOrIRI: {"IRI", "blank"},
    SH.BlankNodeOrLiteral: {"blank", "literal"},
    SH.IRIOrLiteral: {"IRI", "literal"},
}


def problems(graph: Graph) -> Iterator[str]:
    """What is wrong with shapes, one sentence each; shapes of one target and path are read together."""
    yield from _unknown_words(graph)
    for path, shapes in _together(graph):
        for find in (_counts, _ranges, _lengths, _datatypes, _node_kinds, _lists):
            said = find(graph, shapes)
            if said:
                names = " and ".join(sorted({_name(graph, shape) for shape in shapes}))
                yield f"{names} contradict one another about {_short(path)}: {said}; no data can satisfy both"


def _unknown_words(graph: Graph) -> Iterator[str]:
    """Terms in SHACL's namespace that are not SHACL's; the engine would pass over them in silence."""
    known = [str(term).removeprefix(str(SH)) for term in dir(SH)]
    used = {
        str(term).removeprefix(str(SH))
        for triple in graph
        for term in triple
        if str(term).startswith(str(SH))
    }
    for word in sorted(word for word in used if word and word not in SH):
        near = difflib.get_close_matches(word, known, n=1)
        yield f"sh:{word} is no word of SHACL" + (f"; did you mean sh:{near[0]}?" if near else "")


def _together(graph: Graph) -> Iterator[tuple[Node, list[Node]]]:
    """The property shapes that constrain the same path of the same targets."""
    groups: defaultdict[tuple[Node, Node, Node], set[Node]] = defaultdict(set)
    for shape in set(graph.subjects(SH.property, None)) | set(graph.subjects(SH.path, None)):
        targets = [(kind, target) for kind in _TARGETS for target in graph.objects(shape, kind)]
        targets = targets or [(SH.node, shape)]
        inner = [*graph.objects(shape, SH.property), *([shape] if (shape, SH.path, None) in graph else [])]
        for each in inner:
            for path in graph.objects(each, SH.path):
                for kind, target in targets:
                    groups[kind, target, path].add(each)
    seen = set()
    for (_, _, path), shapes in sorted(groups.items(), key=str):
        if frozenset(shapes) not in seen:
            seen.add(frozenset(shapes))
            yield path, sorted(shapes, key=str)


def _values(graph: Graph, shapes: list[Node], predicate: Node) -> list[Node]:
    return [value for shape in shapes for value in graph.objects(shape, predicate)]


def _number(term: Node) -> object:
    return term.toPython() if isinstance(term, Literal) else None


def _bounds(graph: Graph, shapes: list[Node], least: Node, most: Node) -> tuple[object, object] | None:
    """The tightest lower and upper bound, where the lower is above the upper."""
    lower = [_number(value) for value in _values(graph, shapes, least)]
    upper = [_number(value) for value in _values(graph, shapes, most)]
    try:
        highest, lowest = max(lower, default=None), min(upper, default=None)  # type: ignore[type-var]
        return (highest, lowest) if lower and upper and highest > lowest else None  # type: ignore[operator]
    except TypeError:
        return None


def _counts(graph: Graph, shapes: list[Node]) -> str:
    found = _bounds(graph, shapes, SH.minCount, SH.maxCount)
    return f"at least {found[0]} values and at most {found[1]}" if found else ""


def _lengths(graph: Graph, shapes: list[Node]) -> str:
    found = _bounds(graph, shapes, SH.minLength, SH.maxLength)
    return f"at least {found[0]} characters and at most {found[1]}" if found else ""


def _ranges(graph: Graph, shapes: list[Node]) -> str:
    for least in (SH.minInclusive, SH.minExclusive):
        for most in (SH.maxInclusive, SH.maxExclusive):
            found = _bounds(graph, shapes, least, most)
            if found:
                return f"values from {found[0]} and up to {found[1]}"
    return ""


def _datatypes(graph: Graph, shapes: list[Node]) -> str:
    found = {*_values(graph, shapes, SH.datatype)}
    return f"values of {' and '.join(sorted(map(_short, found)))}" if len(found) > 1 else ""


def _node_kinds(graph: Graph, shapes: list[Node]) -> str:
    kinds = _values(graph, shapes, SH.nodeKind)
    allowed = [_NODE_KINDS[kind] for kind in kinds if isinstance(kind, URIRef) and kind in _NODE_KINDS]
    allowed += [{"literal"} for _ in _values(graph, shapes, SH.datatype)]
    allowed += [{"IRI", "blank"} for _ in _values(graph, shapes, SH["class"])]
    if not allowed or set.intersection(*allowed):
        return ""
    return "the values of one are IRIs, those of the other literals or blank nodes"


def _lists(graph: Graph, shapes: list[Node]) -> str:
    choices = [set(Collection(graph, head)) for head in _values(graph, shapes, SH["in"])]
    if choices and not set.intersection(*choices):
        return "no value is in all of their lists"
    needed = {*_values(graph, shapes, SH.hasValue)}
    return "a value must be there that is in no list" if choices and needed - choices[0] else ""


def _name(graph: Graph, shape: Node) -> str:
    """A shape's IRI, or that of the shape that it is a nameless part of."""
    owner = graph.value(None, SH.property, shape)
    return _short(shape if isinstance(shape, URIRef) or owner is None else owner)


def _short(term: Node) -> str:
    return f"<{term}>"
