"""The table of data sets, and the shape of what every scorer gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kgbuild.cli.learn import DataSet
from kgbuild.errors import UsageError
from kgbuild.evaluate.counts import Counts
from kgbuild.evaluate.report import Options, Report, error
from kgbuild.evaluate.scorers import SCORERS, evaluate


def test_the_command_offers_the_table_and_linking() -> None:
    assert {each.value for each in DataSet} == SCORERS.keys() | {"linking"}


@pytest.mark.parametrize("dataset", SCORERS)
def test_an_option_without_meaning_is_refused(dataset: str, task: Any, tmp_path: Path) -> None:
    given: dict[str, Any] = {"gold_mentions": True, "unseen": 5, "seed": 2, "properties": ("P1",)}
    assert given.keys() == set(Options.__dataclass_fields__)
    for name in given.keys() - SCORERS[dataset].options:
        option = f"--{name.replace('_', '-')}"
        with pytest.raises(UsageError, match=f"{dataset} takes no {option}"):
            evaluate(dataset, task(tmp_path, **{name: given[name]}))


def test_a_report_sums_its_parts_but_for_the_averages_that_a_data_set_defines() -> None:
    parts = {"P1": Counts(1, 2, 2), "P2": Counts(1, 2, 6)}
    plain = Report(parts, 0.25).as_json()
    assert (plain["precision"], plain["recall"], plain["f1"], plain["count"]) == (0.5, 0.25, 0.3333, 8)
    assert plain["by_property"]["P1"] == {"f1": 0.5, "precision": 0.5, "recall": 0.5, "count": 2}
    own = Report(parts, 0.25, by="type", averages={"f1": 0.9}, further={"entity_f1": 0.5}).as_json()
    assert (own["f1"], own["precision"], own["entity_f1"], own["ece"]) == (0.9, 0.5, 0.5, 0.25)
    assert own["by_type"] == plain["by_property"]


def test_the_error_is_the_gap_between_confidence_and_correctness() -> None:
    assert error([(0.75, True), (0.75, False)] * 10) == pytest.approx(0.25)
    assert error([]) == 0.0
