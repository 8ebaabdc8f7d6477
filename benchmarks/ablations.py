"""What each part of the training gives: one small recipe, and the same with a part taken out or put in.

    python benchmarks/ablations.py BACKBONE DATA [--only joint stepwise ...] [--seeds 1 2 3]

DATA holds knowledgenet/ and redocred/. Every variant trains from the backbone on KnowledgeNet's first
fold and 300 documents of Re-DocRED, about half a million word pieces, and is scored on what it did not
see: relations of KnowledgeNet's held-out documents and of 100 documents of Re-DocRED, both between given
mentions (and, in KnowledgeNet, those that the tagger finds beside them) at their best threshold, and
Re-DocRED's word tags. The scores are far below those of a full training; their differences are what
counts. A GPU is used where there is one.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from kgbuild.extract.model import Model
from kgbuild.train.config import DataConfig, TrainingConfig
from kgbuild.train.corpora import with_predicted_mentions
from kgbuild.train.data import kept_for_development
from kgbuild.train.datasets.knowledgenet import read_knowledgenet
from kgbuild.train.development import DevelopmentScores, score
from kgbuild.train.features import featurize
from kgbuild.train.loop import Trainer
from kgbuild.train.seeds import forget

PASSAGES = "knowledgenet/fold1.jsonl.gz"
AUGMENTED = {"pack": 5, "rename": 0.4, "uncased": 0.05}
VARIANTS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "joint": ({}, {}, {}),
    "stepwise": ({"stepwise": 2}, {}, {}),
    "texts of properties alone": ({"forgotten": 1.0}, {}, {}),
    "own vectors always": ({"forgotten": 0.0}, {}, {}),
    "no names exchanged": ({}, {"rename": 0.0}, {}),
    "no passages joined": ({}, {"pack": 1}, {}),
    "no weak negatives": ({}, {}, {"unannotated": 0.0}),
    "adversarial": ({"adversarial": 0.5}, {}, {}),
    "two readings alike": ({"consistency": 1.0}, {}, {}),
    "structure": ({"structure": 1}, {}, {}),
}
"""What each changes in the recipe, of KnowledgeNet's and of Re-DocRED's lines."""


def recipe(variant: str, arguments: argparse.Namespace, seed: int, output: Path) -> TrainingConfig:
    """The recipe of a variant."""
    of_all, of_passages, of_documents = VARIANTS[variant]
    documents = {"format": "redocred", "path": "redocred/train_part.json.gz", "unannotated": 0.1}
    data = (
        {"format": "knowledgenet", "path": PASSAGES, **AUGMENTED, **of_passages},
        {**documents, "last": 300, **of_documents},
        {"format": "redocred", "path": "redocred/dev.json.gz", "first": 400, "development": True},
    )
    base = TrainingConfig(
        backbone=str(arguments.backbone),
        output=str(output / "model"),
        data=[DataConfig(**each) for each in data],
        data_folder=str(arguments.data),
        seed=seed,
        epochs=arguments.epochs,
        encoder_rate=2e-4,
        head_rate=1e-3,
        property_sample=10,
        most_pairs=700,
    )
    return msgspec.structs.replace(base, **of_all)


def scores(config: TrainingConfig) -> tuple[float, float, float]:
    """F1 of KnowledgeNet's relations, of Re-DocRED's, and of Re-DocRED's tags after the last epoch."""
    found: list[DevelopmentScores] = []

    def keep(_epoch: int, _model: Model, told: DevelopmentScores | None) -> None:
        if told:
            found.append(told)

    trainer = Trainer(config)
    trainer.run(lambda _: None, keep)
    forget(config)
    network, encoder, updater = trainer.model.network, trainer.model.text_encoder, trainer.updater
    rows = [
        featurize(example, encoder, length=config.length)
        for example in read_knowledgenet(Path(config.data_folder) / PASSAGES)
        if kept_for_development(example.document, config.holdout)
    ]
    rows = with_predicted_mentions(rows, network, encoder)
    passages = score(network, rows, updater.inventory, updater.properties())
    return passages.relations, found[-1].relations, found[-1].tags


def table(rows: Sequence[tuple[str, list[tuple[float, float, float]]]]) -> str:
    """One line for each variant: mean over the seeds, and the spread where there are several."""
    lines = [f"{'':28}{'KnowledgeNet':>16}{'relations':>16}{'tags':>16}"]
    for name, runs in rows:
        cells = []
        for values in zip(*runs, strict=True):
            spread = f" ±{statistics.stdev(values):.3f}" if len(values) > 1 else ""
            cells.append(f"{statistics.mean(values):.3f}{spread}")
        lines.append(f"{name:28}" + "".join(f"{cell:>16}" for cell in cells))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("backbone", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", nargs="*", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--seeds", nargs="*", type=int, default=[1])
    parser.add_argument("--epochs", type=int, default=5)
    arguments = parser.parse_args()
    rows = []
    for variant in arguments.only:
        runs = []
        for seed in arguments.seeds:
            with tempfile.TemporaryDirectory() as folder:
                runs.append(scores(recipe(variant, arguments, seed, Path(folder))))
        rows.append((variant, runs))
        print(table([rows[-1]]).splitlines()[1], flush=True)
    print(f"\n{table(rows)}")


if __name__ == "__main__":
    main()
