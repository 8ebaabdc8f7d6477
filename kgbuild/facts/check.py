"""Whether the target schema allows a relation: domain and range, by mention type and by class."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kgbuild.ontology import Ontology, ValueKind
from kgbuild.records import Label


@dataclass(frozen=True, slots=True)
class End:
    """One end of a relation: its name, how its mentions are tagged, and its classes where known."""

    name: str
    labels: frozenset[Label]
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a relation breaks; `reason` is "unknown property", "domain" or "range"."""

    reason: str
    rule: str


def find_violation(
    ontology: Ontology, property_id: str, subject: End, object: End | None = None
) -> Violation | None:
    """The rule that a relation breaks, or None; a literal value has no object to check.

    One allowed label among an end's labels will do. Classes are checked where all of an end's types
    are declared in the ontology: nothing is known against a class that it does not declare.

    >>> from kgbuild.ontology import load_ontology
    >>> paris = End("Paris", frozenset({Label.LOCATION}), ("Q515",))
    >>> find_violation(load_ontology(), "P19", paris, paris).rule
    'domain of P19 (place of birth) is person, Paris is city'
    """
    definition = ontology.properties.get(property_id)
    if definition is None:
        return Violation("unknown property", f"{property_id} is not in the ontology")
    about = f"{property_id} ({definition.label})"
    problem = _problem(ontology, subject, definition.domain, ontology.domain_labels(property_id))
    if problem:
        return Violation("domain", f"domain of {about} is {problem}")
    if object is None:
        return None
    allowed = definition.range if definition.kind is ValueKind.ITEM else ()
    problem = _problem(ontology, object, allowed, ontology.range_labels(property_id))
    return Violation("range", f"range of {about} is {problem}") if problem else None


def _problem(ontology: Ontology, end: End, classes: tuple[str, ...], labels: frozenset[Label]) -> str | None:
    """What is allowed and what the end is instead, or None where it is allowed."""
    expected = _names(ontology, classes) if classes else " or ".join(sorted(labels))
    known = bool(end.types) and all(name in ontology.classes for name in end.types)
    if classes and known and not any(ontology.is_a(name, above) for name in end.types for above in classes):
        return f"{expected}, {end.name} is {_names(ontology, end.types)}"
    if not end.labels & labels:
        return f"{expected}, {end.name} is tagged {' or '.join(sorted(end.labels))}"
    return None


def _names(ontology: Ontology, classes: Iterable[str]) -> str:
    return " or ".join(ontology.classes[name].label for name in classes)
