"""Checkpoints: all that a run needs to go on after its last finished epoch as if it had not stopped.

A folder with `state.safetensors` (weights in float32, AdamW's moments, property table, torch's
random states) and `state.json`. It is replaced whole, so a kill leaves the one before. A run may go
on on another device, then with other dropout.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from kgbuild.errors import ModelError
from kgbuild.folders import replaced_folder, restore_folder
from kgbuild.train.config import TrainingConfig

FORMAT = 1
MOMENTS = ("exp_avg", "exp_avg_sq", "step")


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a run has come: finished epochs, steps taken, the best development score and its age."""

    epochs: int = 0
    steps: int = 0
    best: float = -1.0
    stale: int = 0


class StateRow(msgspec.Struct, frozen=True):
    """What state.json holds."""

    format: int
    recipe: str
    standing: Standing
    random: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunState:
    """The parts of a run that change as it trains."""

    network: nn.Module
    optimizer: torch.optim.Optimizer
    table: Tensor
    random: np.random.Generator
    average: nn.Module | None = None


def folder_of(config: TrainingConfig) -> Path:
    """Where a run's checkpoint lies: beside its output."""
    output = Path(config.output)
    return output.with_name(output.name + ".checkpoint")


def recipe_digest(config: TrainingConfig) -> str:
    """Names what a run trains, not where: a checkpoint goes on with its own recipe only."""
    anywhere = msgspec.structs.replace(config, device="auto")
    return hashlib.sha256(msgspec.json.encode(anywhere, order="sorted")).hexdigest()[:16]


def save_checkpoint(folder: Path, config: TrainingConfig, state: RunState, standing: Standing) -> None:
    """Write a run's state, whole or not at all."""
    tensors = {f"network.{name}": tensor for name, tensor in state.network.state_dict().items()}
    for name, parameter in state.network.named_parameters():
        for moment, tensor in state.optimizer.state[parameter].items():
            tensors[f"{moment}.{name}"] = tensor
    if state.average is not None:
        tensors |= {f"average.{name}": tensor for name, tensor in state.average.state_dict().items()}
    tensors |= {"table": state.table, "torch": torch.get_rng_state()}
    if state.table.is_cuda:
        tensors["cuda"] = torch.cuda.get_rng_state()
    row = StateRow(FORMAT, recipe_digest(config), standing, dict(state.random.bit_generator.state))
    with replaced_folder(folder) as made:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, made / "state.safetensors")
        (made / "state.json").write_bytes(msgspec.json.encode(row, enc_hook=str))


def restore_checkpoint(folder: Path, config: TrainingConfig, state: RunState) -> Standing:
    """Put a run back to where its checkpoint stands; the start where there is none.

    Raises ModelError for a checkpoint of another recipe or version, or one that cannot be read.
    """
    restore_folder(folder)
    if not folder.is_dir():
        return Standing()
    mend = f"remove {folder} to start anew"
    try:
        row = msgspec.json.decode((folder / "state.json").read_bytes(), type=StateRow)
        if row.format != FORMAT:
            raise ModelError(f"{folder} is a checkpoint of format {row.format}, not {FORMAT}: {mend}")
        if row.recipe != recipe_digest(config):
            raise ModelError(
                f"{folder} is a checkpoint of another recipe: {mend}, or give the recipe another output"
            )
        tensors = load_file(folder / "state.safetensors")
        state.network.load_state_dict(_named(tensors, "network"))
        if state.average is not None:
            state.average.load_state_dict(_named(tensors, "average"))
    except (OSError, SafetensorError, msgspec.MsgspecError, RuntimeError) as error:
        raise ModelError(f"the checkpoint {folder} cannot be used: {error}; {mend}") from error
    moments = {moment: _named(tensors, moment) for moment in MOMENTS}
    for name, parameter in state.network.named_parameters():
        state.optimizer.state[parameter] = {
            moment: named[name].to(parameter.device) for moment, named in moments.items() if name in named
        }
    state.table.copy_(tensors["table"])
    torch.set_rng_state(tensors["torch"])
    if state.table.is_cuda and "cuda" in tensors:
        torch.cuda.set_rng_state(tensors["cuda"])
    state.random.bit_generator.state = _numbers(row.random)
    return row.standing


def _named(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    start = prefix + "."
    return {name[len(start) :]: tensor for name, tensor in tensors.items() if name.startswith(start)}


def _numbers(state: dict[str, Any]) -> dict[str, Any]:
    """A generator's state with its 128-bit numbers, which JSON holds as text."""
    inner = {name: int(value) for name, value in state["state"].items()}
    return {**state, "state": inner}
