"""A model directory: network.json, encoder config, tokenizer and weights as safetensors.

Never pickle, never remote code. Weights are stored in bfloat16, and computed in it where the
processor has it; elsewhere in float32.
"""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor
from transformers import AutoConfig, AutoModel
from transformers.utils import logging as reports

from kgbuild.errors import ModelError
from kgbuild.extract.attention import ATTENTION
from kgbuild.extract.background import Background
from kgbuild.extract.calibration import CalibratedGroup, Calibration, EntityCalibration
from kgbuild.extract.encode import TextEncoder
from kgbuild.extract.filtering import PairFilter
from kgbuild.extract.narrow import as_configured
from kgbuild.extract.network import JointNetwork, NetworkConfig
from kgbuild.extract.tagging import TagCalibration
from kgbuild.folders import replaced_folder, restore_folder

logger = logging.getLogger(__name__)

FORMAT = 1
WEIGHTS = "model.safetensors"
FILTER, BACKGROUND = "filter.", "background."
"""What names of the filter's and the background's tensors begin with, beside the network's."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What network.json holds."""

    format: int
    name: str
    network: NetworkConfig
    trained: tuple[str, ...] = ()
    """Ids of the properties in the rows of the network's memory."""
    withheld: tuple[str, ...] = ()
    """Ids of properties that are not read: trained without true negatives, so never to be believed."""
    calibration: Calibration = dataclasses.field(default_factory=Calibration)
    unlearned: Calibration | None = None
    """That of properties of which nothing was learned; None for the same as of others."""
    groups: tuple[CalibratedGroup, ...] = ()
    """Properties that are calibrated apart from the others."""
    pronouns: tuple[str, ...] | None = None
    """Properties that were calibrated on pronouns too; None where that is not known."""
    tags: TagCalibration | None = None
    """How tags follow one another, and how sure they are; None where that was not fitted."""
    entities: EntityCalibration | None = None
    """How sure facts between whole entities are; None where that was not fitted."""
    filtered: tuple[str, ...] = ()
    """Ids of the properties that the filter of pairs was fitted for; of others it knows nothing."""
    window: int = 384
    """Word pieces that are read at once, two special ones included."""
    overlap: int = 40
    """Word pieces that two windows of the encoder share at least."""
    stride: int = 96
    """Word pieces that two windows in which mentions are paired share at least."""
    property_length: int = 24
    """Word pieces of a property's text that the encoder reads."""
    aliases: bool = False
    """Whether properties' texts have their aliases too."""
    ends: bool = False
    """Whether properties' texts name the classes between which they hold."""
    states: str | None = None
    """What names the states of the encoder to whose this one's were drawn; None where it is one by itself."""


@dataclass(slots=True)
class Model:
    """A network with its tokenizer, settings, filter of pairs (None keeps all pairs) and background of pairs
    (None compares properties as they are); `digest` names all weights."""

    network: JointNetwork
    text_encoder: TextEncoder
    config: ModelConfig
    digest: str
    filter: PairFilter | None = None
    background: Background | None = None

    @property
    def learned(self) -> frozenset[str]:
        """Ids of the properties of which something was learned: their rows of the memory are not blank."""
        rows = self.network.memory.any(1).tolist()
        return frozenset(name for name, known in zip(self.config.trained, rows, strict=True) if known)

    @property
    def states(self) -> str:
        """A name of what the encoder makes of texts, by which others tell whether they know it.

        From the weights of its last layer, as they are stored, or from those of the encoder that taught it.
        """
        *_, last = (values for values in self.network.encoder.parameters() if values.ndim > 1)
        stored = last.detach().cpu().bfloat16().view(torch.int16).numpy().tobytes()
        return self.config.states or hashlib.sha256(stored).hexdigest()[:12]


def fresh_model(backbone: Path, config: ModelConfig) -> Model:
    """A new network on a Hugging Face encoder's directory; ModelError where that cannot be read."""
    try:
        with _unreported():
            encoder = AutoModel.from_pretrained(
                backbone,
                add_pooling_layer=False,
                attn_implementation=ATTENTION,
                attention_probs_dropout_prob=0.0,
            )
    except (OSError, ValueError, SafetensorError) as error:
        reason = (str(error).splitlines() or [""])[0]
        raise ModelError(
            f"the backbone {backbone} cannot be read: {reason}; "
            "give the folder of a Hugging Face BERT encoder with its weights"
        ) from error
    return Model(JointNetwork(encoder, config.network), TextEncoder.load(backbone), config, "untrained")


@contextmanager
def _unreported() -> Iterator[None]:
    """Without transformers' bar and warnings: that a backbone has a pooling layer too is no news."""
    verbosity, bar = reports.get_verbosity(), reports.is_progress_bar_enabled()
    reports.set_verbosity_error()  # type: ignore[no-untyped-call]
    reports.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        reports.set_verbosity(verbosity)
        if bar:
            reports.enable_progress_bar()  # type: ignore[no-untyped-call]


def save_model(model: Model, directory: Path) -> None:
    """Write a model directory: whole or not at all, and until then the one before can be read."""
    state = {
        name: tensor.to(torch.bfloat16).contiguous() for name, tensor in model.network.state_dict().items()
    }
    for prefix, part in ((FILTER, model.filter), (BACKGROUND, model.background)):
        if part:
            state |= {prefix + name: tensor.contiguous() for name, tensor in part.tensors.items()}
    with replaced_folder(directory) as made:
        (made / WEIGHTS).write_bytes(save(state))  # save_file would hide it from other users
        (made / "network.json").write_bytes(msgspec.json.format(msgspec.json.encode(model.config)))
        model.network.encoder_config.to_json_file(made / "config.json")
        model.text_encoder.tokenizer.save(str(made / "tokenizer.json"))


def load_model(directory: Path) -> Model:
    """Read a model directory; float32 on the CPU, in evaluation mode."""
    restore_folder(directory)
    path = directory / "network.json"
    if not path.is_file():
        raise ModelError(
            f"{directory} is no kgbuild model: network.json is missing; train one or give another folder"
        )
    try:
        config = msgspec.json.decode(path.read_bytes(), type=ModelConfig)
    except msgspec.MsgspecError as error:
        raise ModelError(f"{path}: {error}; it was made by another version of kgbuild") from error
    if config.format != FORMAT:
        raise ModelError(
            f"{directory} has model format {config.format}, this kgbuild reads {FORMAT}: train it anew"
        )
    try:
        state = load_file(directory / WEIGHTS)
        encoder = AutoModel.from_config(  # type: ignore[no-untyped-call]
            AutoConfig.from_pretrained(directory), add_pooling_layer=False, attn_implementation=ATTENTION
        )
        network = JointNetwork(as_configured(encoder), config.network)
        wide = {name: tensor.float() for name, tensor in state.items()}
        chosen, ground = (_taken(wide, prefix) for prefix in (FILTER, BACKGROUND))
        filter_ = PairFilter(**chosen) if chosen else None
        background = Background(**ground) if ground else None
        network.load_state_dict(wide)
    except (OSError, SafetensorError, RuntimeError, TypeError) as error:
        raise ModelError(f"the weights in {directory} cannot be used: {error}") from error
    digest = hashlib.sha256((directory / WEIGHTS).read_bytes() + path.read_bytes()).hexdigest()[:12]
    return Model(network.eval(), TextEncoder.load(directory), config, digest, filter_, background)


def _taken(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Take the tensors out whose names begin so; without the beginning."""
    names = [name for name in tensors if name.startswith(prefix)]
    return {name.removeprefix(prefix): tensors.pop(name) for name in names}
