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

    One allowed label among an end's labels will do. Of its types, those that the ontology does not
    declare say nothing; of the others, one that lies below an allowed class will do, or above it,
    since a "geographic entity" may well be a city.

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
    known = [name for name in end.types if name in ontology.classes]
    if (
        classes
        and known
        and not any(_may_be(ontology, name, allowed) for name in known for allowed in classes)
    ):
        return f"{expected}, {end.name} is {_names(ontology, known)}"
    if not end.labels & labels:
        return f"{expected}, {end.name} is tagged {' or '.join(sorted(end.labels))}"
    return None


def _may_be(ontology: Ontology, name: str, allowed: str) -> bool:
    return ontology.is_a(name, allowed) or ontology.is_a(allowed, name)


def _names(ontology: Ontology, classes: Iterable[str]) -> str:
    return " or ".join(ontology.classes[name].label for name in classes)
