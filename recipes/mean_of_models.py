"""The mean of two models of one training run, which often reads better than either.

    python recipes/mean_of_models.py FIRST SECOND OUTPUT RECIPE [--share 0.5]

Weights are averaged (Wortsman et al., Model soups, ICML 2022): OUTPUT has FIRST times 1 - share plus SECOND
times share, calibrated on the development data of RECIPE.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from kgbuild.extract.model import load_model, save_model
from kgbuild.ontology import load_ontology
from kgbuild.train.config import read_recipe
from kgbuild.train.run import calibrate


def main() -> None:
    """Average, calibrate and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("first", "second", "output", "recipe"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--share", type=float, default=0.5)
    arguments = parser.parse_args()
    first, second = load_model(arguments.first), load_model(arguments.second)
    if first.config.trained != second.config.trained:
        raise SystemExit(f"{arguments.first} and {arguments.second} were trained on different properties")
    of_first, of_second = first.network.state_dict(), second.network.state_dict()
    share = arguments.share
    mean = {name: (1 - share) * each + share * of_second[name] for name, each in of_first.items()}
    second.network.load_state_dict(mean)
    recipe = read_recipe(arguments.recipe)
    scores = calibrate(second, load_ontology(Path(recipe.ontology) if recipe.ontology else None), recipe)
    save_model(second, arguments.output)
    (arguments.output / "scores.json").write_text(json.dumps(scores, indent=2) + "\n")
    print(json.dumps(scores))


if __name__ == "__main__":
    main()
