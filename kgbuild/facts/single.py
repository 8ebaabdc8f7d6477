"""One document, one value: of rival values of a single-valued property, the doubtful ones go.

A text seldom contradicts itself, but a reader often offers a second birthday, or one birthday to
all who stand near it. Readings that the document supports about as well as the best one stay, so a
real contradiction, and twins, are kept and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from kgbuild.facts.timeline import compatible
from kgbuild.ontology import Ontology
from kgbuild.records import Entity, ItemValue, Rejection, Statement, TimeValue, Value

REASON = "doubtful second value"
DOUBT = 0.7
"""A rival is doubtful where its best evidence has less than this share of the best value's score."""


def without_doubtful(
    statements: Sequence[Statement], ontology: Ontology
) -> tuple[list[Statement], list[Statement]]:
    """The statements that stay and those that go, both in their order.

    Dates that agree, one more precise than the other, are no rivals.
    """
    slots = _best(statements, ontology, _slot)
    days = _best(statements, ontology, _day)
    kept: list[Statement] = []
    gone: list[Statement] = []
    for statement in statements:
        rival, owner = slots.get(_slot(statement)), days.get(_day(statement))
        doubtful = (rival and _is_doubtful(statement, rival)) or (owner and _is_weaker(statement, owner))
        (gone if doubtful else kept).append(statement)
    return kept, gone


def _slot(statement: Statement) -> tuple[object, ...]:
    return (statement.subject, statement.property)


def _day(statement: Statement) -> tuple[object, ...] | None:
    """The property and day of a dated statement: few subjects share them in one text."""
    value = statement.value
    dated = isinstance(value, TimeValue) and value.day is not None
    return (statement.property, value) if dated else None


def _best(
    statements: Sequence[Statement],
    ontology: Ontology,
    key: Callable[[Statement], tuple[object, ...] | None],
) -> dict[tuple[object, ...] | None, Statement]:
    """The surest statement of each key, among those of single-valued properties that have one."""
    found: dict[tuple[object, ...] | None, Statement] = {}
    for statement in statements:
        place = key(statement)
        if place is not None and ontology.properties[statement.property].functional:
            known = found.get(place)
            if known is None or sureness(statement) > sureness(known):
                found[place] = statement
    return found


def sureness(statement: Statement) -> float:
    """The score of a statement's best evidence."""
    return max((each.score for each in statement.evidence), default=0.0)


def rejections(
    gone: Iterable[Statement], entities: Mapping[str, Entity], document_id: str, stage: str
) -> list[Rejection]:
    """Why each of the statements is not made."""
    return [
        Rejection(
            stage,
            document_id,
            REASON,
            f"{_name(each.subject, entities)} {each.property} {_written(each.value, entities)} "
            f"({sureness(each):.2f}): the document says otherwise, more surely",
        )
        for each in gone
    ]


def _is_weaker(statement: Statement, best: Statement) -> bool:
    return sureness(statement) < DOUBT * sureness(best)


def _is_doubtful(statement: Statement, best: Statement) -> bool:
    if not _is_weaker(statement, best):
        return False
    one, other = statement.value, best.value
    return not (isinstance(one, TimeValue) and isinstance(other, TimeValue) and compatible(one, other))


def _name(id: str, entities: Mapping[str, Entity]) -> str:
    return entities[id].label if id in entities else id


def _written(value: Value, entities: Mapping[str, Entity]) -> str:
    if isinstance(value, ItemValue):
        return _name(value.entity, entities)
    if isinstance(value, TimeValue):
        parts = (value.year, value.month, value.day)
        return "-".join(f"{part:02d}" for part in parts if part is not None)
    return str(value)
