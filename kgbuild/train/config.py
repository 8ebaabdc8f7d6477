"""A training recipe: one TOML file, checked before anything is loaded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from kgbuild.errors import ConfigurationError


class DataConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One data set of a recipe; `path` is relative to the folder of the data
    (templates without one are those in the package).

    `first` and `last` cut its examples, `take` draws that many anew each epoch (0 lends its texts to the
    templates after it, and trains nothing), `repeat` shows it several times an epoch. `unannotated` is the
    weight at which a property that the set never annotates counts as false: of a random pair most hold
    nothing (learning from positive and unlabelled data). What it annotates in other texts only is unknown.
    `incomplete` names properties of which the set states some facts and leaves out others, or has another
    idea than the set that is to decide: what it states is true of them, and what it does not is unknown.
    `remembered` is the weight at which of all this, and of words whose tags are not annotated, what the model
    says that the recipe goes on from stands in: learning without forgetting (Li & Hoiem, ECCV 2016).
    Where it is `unlabelled`, its texts train by that alone, and nothing of what is annotated in them does.
    The rest augments: `pack` joins up to that many of its texts, `rename` is the share of its examples
    whose names are exchanged, `uncased` the share that hides how words are written.
    """

    format: str
    path: str = ""
    first: int = 0
    last: int | None = None
    take: int | None = None
    repeat: int = 1
    unannotated: float = 0.0
    incomplete: frozenset[str] = frozenset()
    remembered: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    unlabelled: bool = False
    pack: int = 1
    rename: float = 0.0
    uncased: float = 0.0
    development: bool = False
    """Its examples train nothing; they choose the best epoch."""


class TrainingConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A recipe. Rates are AdamW's; `tokens` is the padded size of a batch, `length` of a window."""

    backbone: str
    output: str
    data: list[DataConfig]
    data_folder: str = "."
    ontology: str | None = None
    seed: int = 1
    seeds: Annotated[int, msgspec.Meta(ge=1)] = 1
    """How often to train, from `seed` and the numbers after it; the mean of the weights is kept."""
    epochs: int = 6
    """How often the data are shown; 0 trains nothing, and only calibrates what it starts from."""
    stop_after: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Epochs after which training ends, with rates that fall as if all `epochs` were to come; 0 for all."""
    tokens: int = 2048
    length: int = 512
    encoder_rate: float = 1e-4
    head_rate: float = 5e-4
    warmup: float = 0.06
    weight_decay: float = 0.01
    clip: float = 1.0
    property_sample: int = 16
    forgotten: float = 0.25
    """Share of the properties whose own vectors a step leaves out; 1 learns from their texts alone,
    as properties that are never seen must be told."""
    most_pairs: int = 1200
    """Mention pairs of a window that a step trains on; true ones are always among them. Likeness alone takes
    fewer."""
    holdout: int = 10
    """Documents of KnowledgeNet whose hash divides by this are kept for development; 0 keeps none."""
    patience: int = 0
    """Epochs without a better development score after which training stops; 0 trains them all."""
    stepwise: int = 0
    """Epochs that train entities alone; after them relations train on what the encoder has become,
    which stays as it is. 0 trains all jointly."""
    learn: Literal["all", "properties", "likeness"] | list[str] = "all"
    """What trains: all, or nothing but the vectors of properties: of those that are annotated, or of those
    with these ids. They are fitted at once, without epochs or rates, and all else is read as before. Or
    nothing but likeness, by which properties are told of which nothing was learned."""
    prior: Annotated[float, msgspec.Meta(ge=0)] = 0.03
    """How firmly fitted vectors stay near what they were: the precision of a normal prior. What a few
    sentences tell needs little; what templates tell over and over needs more."""
    embeddings: bool = True
    """Whether word embeddings train; when a trained model goes on, they may as well stay as they are."""
    average: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.0
    """Decay a step of a moving average of the weights, which is scored and kept in their place; 0 keeps
    the weights as they are."""
    adversarial: float = 0.0
    """Length of the step that word embeddings take against the model (FGM); 0 for none."""
    consistency: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """Weight at which two readings of a batch under different dropout are drawn to one another (R-Drop);
    0 reads it once."""
    dropout: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.1
    """Share of what the encoder's layers and mentions are that a step leaves out."""
    layers: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Layers of the encoder that a model which goes on keeps, evenly and its last among them; 0 for all."""
    heads: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Heads of attention that each layer keeps of a model that goes on; 0 for all."""
    context_heads: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Heads with which pairs attend to their window that a model which goes on keeps; 0 for all."""
    inner: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Width that the layers' feed-forward parts keep of a model that goes on; 0 for all."""
    teacher: str | None = None
    """A model, told as in `start_from`, whose readings stand in where `remembered` and `distilled` ask for
    them; without one it is the model that the recipe goes on from."""
    distilled: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """Weight at which states of tokens are drawn to those that the model made with which training began."""
    structure: int = 0
    """Rounds of messages between a window's mentions; a model that goes on keeps those that it has."""
    likeness: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Width in which mentions are compared with the classes of a property's ends, beside contexts with its
    text: what properties are told by of which nothing is learned. 0 tells them by learned vectors too; where
    all of a model goes on, what it had of likeness is left behind."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where to train; auto takes a GPU where there is one. Calibration reads on the CPU."""
    start_from: str | list[str] | None = None
    """A model to go on from, in place of a fresh network on the backbone: its directory, or its name in the
    package; several for the mean of their weights."""

    def __post_init__(self) -> None:
        if self.seeds > 1 and (self.fits or not self.epochs):
            raise ValueError("seeds trains several times, but without epochs, or with learn, nothing trains")
        if self.likeness and self.fits and not self.fits_likeness:
            raise ValueError(
                'likeness is learned with the network, or by learn = "likeness"; with vectors of properties '
                "it stays as the model has it: leave it out"
            )
        if self.fits_likeness and not self.likeness:
            raise ValueError('learn = "likeness" needs the width in which to compare: give likeness, as 96')
        if self.fits and not self.starts:
            raise ValueError("learn leaves the network of a model as it is: give the model in start_from")
        if self.remembers and (self.fits or not self.starts):
            raise ValueError(
                "remembered is for trainings of all of a model that goes on: give the model in start_from, "
                "and no learn"
            )
        if (self.makes_smaller or self.distilled) and (self.fits or not self.starts or not self.epochs):
            raise ValueError(
                "layers, heads, context_heads, inner and distilled are for trainings of all of a model that "
                "goes on: give the model in start_from, epochs, and no learn"
            )
        if self.context_heads and self.likeness:
            raise ValueError(
                "likeness compares what all of the context_heads say: leave it out, and learn it afterwards"
            )
        if self.teacher and not self.is_taught:
            raise ValueError(
                "teacher is given, but neither distilled nor remembered, so nothing asks it: give one, or "
                "leave it out"
            )
        if self.stop_after > self.epochs:
            raise ValueError(f"stop_after = {self.stop_after}, but there are {self.epochs} epochs")

    @property
    def shown(self) -> int:
        """How many epochs are trained."""
        return self.stop_after or self.epochs

    @property
    def starts(self) -> list[str]:
        """The model folders to go on from."""
        given = self.start_from or []
        return [given] if isinstance(given, str) else given

    @property
    def remembers(self) -> bool:
        """Whether what the model says with which training begins trains too."""
        return any(spec.remembered for spec in self.data)

    @property
    def is_taught(self) -> bool:
        """Whether the model with which training begins reads each batch too."""
        return self.remembers or self.distilled > 0

    @property
    def makes_smaller(self) -> bool:
        """Whether a part of the network is left out before it goes on."""
        return bool(self.layers or self.heads or self.context_heads or self.inner)

    @property
    def fits(self) -> bool:
        """Whether the network stays as it is, and only vectors of properties, or likeness, are learned."""
        return self.learn != "all"

    @property
    def fits_likeness(self) -> bool:
        """Whether nothing but likeness is learned."""
        return self.learn == "likeness"


def read_recipe(path: Path) -> TrainingConfig:
    """Read and check a recipe, with what it takes over from another by `extends`."""
    keys = _keys(path, ())
    try:
        return msgspec.convert(keys, TrainingConfig)
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _keys(path: Path, extending: tuple[Path, ...]) -> dict[str, object]:
    """The keys of a recipe, over those of the one that it extends; `extending` are those that led to it."""
    if path.resolve() in extending:
        raise ConfigurationError(f"{path} extends itself; take extends out of one of the recipes")
    try:
        keys: dict[str, object] = msgspec.toml.decode(path.read_bytes())
    except OSError as error:
        led = f", which {extending[-1]} extends," if extending else ""
        raise ConfigurationError(f"{path}{led} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text; give a recipe in TOML") from error
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    if (other := keys.pop("extends", None)) is None:
        return keys
    if not isinstance(other, str):
        raise ConfigurationError(f"{path}: extends must be the path of a recipe, as seen from this one")
    return _keys(path.parent / other, (*extending, path.resolve())) | keys
