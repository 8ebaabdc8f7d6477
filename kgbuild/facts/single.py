"""One document, one value: of rival values of a single-valued property, the doubtful ones go.

A text seldom contradicts itself, but a reader often offers a second birthday. Values that the
document supports about as well as the best one stay, so a real contradiction is kept and shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kgbuild.facts.timeline import compatible
from kgbuild.ontology import Ontology
from kgbuild.records import Entity, ItemValue, Rejection, Statement, TimeValue, Value

REASON = "doubtful second value"
DOUBT = 0.5
"""A rival is doubtful where its best evidence has less than this share of the best value's score."""


def without_doubtful(
    statements: Sequence[Statement], ontology: Ontology
) -> tuple[list[Statement], list[Statement]]:
    """The statements that stay and those that go, both in their order.

    Dates that agree, one more precise than the other, are no rivals.
    """
    best: dict[tuple[str, str], Statement] = {}
    for statement in statements:
        if ontology.properties[statement.property].functional:
            slot = (statement.subject, statement.property)
            if slot not in best or sureness(statement) > sureness(best[slot]):
                best[slot] = statement
    kept: list[Statement] = []
    gone: list[Statement] = []
    for statement in statements:
        rival = best.get((statement.subject, statement.property))
        (gone if rival and _is_doubtful(statement, rival) else kept).append(statement)
    return kept, gone


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
            f"({sureness(each):.2f}): the document says another value better",
        )
        for each in gone
    ]


def _is_doubtful(statement: Statement, best: Statement) -> bool:
    if statement is best or sureness(statement) >= DOUBT * sureness(best):
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
