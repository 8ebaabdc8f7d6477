"""What kind of thing an entity is."""

import pytest

from kgbuild.link.kinds import CLASS, Classes, kind
from kgbuild.records import Entity, Label


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (("Q5",), Label.PERSON),
        (("Q95074", "Q17537576"), Label.PERSON),
        (("Q6256", "Q15642541", "Q43229"), Label.LOCATION),
        (("Q3918", "Q43229", "Q27096213"), Label.ORGANISATION),
        (("Q4022", "Q27096213"), Label.LOCATION),
        (("Q11424", "Q17537576"), Label.OTHER),
        (("Q28640", "Q12737077", "Q5"), Label.OTHER),
        (("Q999999",), Label.OTHER),
        ((), None),
    ],
)
def test_the_first_general_class_decides(types: tuple[str, ...], expected: Label | None) -> None:
    assert kind(Entity("Q1", "x", types=types)) is expected


def test_cycles_of_classes_end() -> None:
    classes = Classes({"Q1": ["Q2"], "Q2": ["Q1", "Q43229"], CLASS: ["Q1"]})
    assert classes.roots(["Q1", "Q2", "Q404"]) == ("Q43229",)
    assert classes.roots([CLASS]) == ("Q43229",)
    assert classes.roots([]) == ()
