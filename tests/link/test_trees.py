"""Trees made by hand, and trees that are none."""

import numpy as np
import pytest

from kgbuild.errors import ModelError
from kgbuild.link.trees import Forest, Trees

BY_HAND = Trees(
    columns=[[0, 1, 1], [1], []],
    thresholds=[[0.5, 0.0, 2.0], [1.0], []],
    left=[[1, -1, -3], [-2], []],
    right=[[2, -2, -4], [-1], []],
    leaves=[[1.0, 2.0, 3.0, 4.0], [20.0, 10.0], [100.0]],
)


def test_a_row_goes_left_where_its_feature_is_at_most_the_threshold() -> None:
    rows = np.array([[0.5, 0.0], [0.5, 0.1], [0.6, 2.0], [0.6, 2.1]], np.float32)
    assert Forest(BY_HAND, 2).scores(rows).tolist() == [111.0, 112.0, 123.0, 124.0]
    assert Forest(BY_HAND, 2).scores(rows[:0]).tolist() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": [[0, 1, 1], [], []]},
        {"columns": [[0, 1, 2], [1], []]},
        {"columns": [[0, 1, -1], [1], []]},
        {"thresholds": [[0.5, 0.0, 2.0]]},
        {"thresholds": [[0.5, 0.0], [1.0], []]},
        {"left": [[0, -1, -3], [-2], []]},
        {"left": [[3, -1, -3], [-2], []]},
        {"right": [[2, -2, -5], [-1], []]},
        {"right": [[2, -2], [-1], []]},
        {"leaves": [[1.0, 2.0, 3.0], [20.0, 10.0], [100.0]]},
    ],
)
def test_trees_of_another_form_are_refused(changes: dict[str, list[list[int]]]) -> None:
    held = {name: getattr(BY_HAND, name) for name in Trees.__struct_fields__} | changes
    with pytest.raises(ModelError, match="trees"):
        Forest(Trees(**held), 2)
