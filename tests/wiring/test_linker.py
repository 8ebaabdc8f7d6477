"""How sure a link in a graph must be."""

from __future__ import annotations

from kgbuild import wiring
from kgbuild.config import Settings, Thresholds
from kgbuild.wiring.parts import LEAST_LINK


def test_links_of_a_graph_are_surer_than_the_ranker_asks_unless_the_configuration_says() -> None:
    plain = wiring.linker(Settings())
    assert f"@{LEAST_LINK:g}" in plain.version
    assert wiring.ranker(Settings()).threshold < LEAST_LINK
    chosen = wiring.linker(Settings(thresholds=Thresholds(link=0.0)))
    assert "@0" in chosen.version
    assert f"@{LEAST_LINK:g}" not in chosen.version
