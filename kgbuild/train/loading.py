"""An epoch's batches in order; worker processes make them ahead where a GPU would else wait for them."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch.utils.data import DataLoader, Dataset

from kgbuild.train.batches import Batch, Inventory, collate
from kgbuild.train.features import Features

WORKERS = 2
"""For a GPU: to make a batch of 4,096 tokens took 35 ms, and an H100's step 90 (docs/decisions/061)."""


@dataclass(frozen=True)
class Steps(Dataset[Batch]):
    """The batches of an epoch, each made when it is asked for; `first` numbers the first step."""

    rows: Sequence[Sequence[Features]]
    inventory: Inventory
    most_pairs: int
    first: int

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> Batch:
        return collate(
            self.rows[number], self.inventory, most_pairs=self.most_pairs, seed=self.first + number
        )


def loaded(steps: Steps, *, workers: int) -> Iterable[Batch]:
    """The batches in order, made here or by so many worker processes; the same ones in either case."""
    return DataLoader(
        steps,
        batch_size=None,
        num_workers=workers,
        multiprocessing_context="fork" if workers else None,
        generator=torch.Generator(),  # torch's own is dropout's
    )


def workers_for(device: torch.device) -> int:
    """How many workers pay: none beside a network on the same cores, nor where none can fork."""
    forks = "fork" in multiprocessing.get_all_start_methods()
    return min(WORKERS, os.cpu_count() or 1) if device.type == "cuda" and forks else 0
