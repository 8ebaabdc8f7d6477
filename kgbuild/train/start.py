"""The model that a run starts from: fresh on a backbone, or a trained one grown to the recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import torch
from torch.nn import functional

from kgbuild.errors import ConfigurationError, ModelError
from kgbuild.extract.model import Model, ModelConfig, fresh_model, load_model
from kgbuild.extract.network import JointNetwork, NetworkConfig
from kgbuild.extract.shipped import model_folder
from kgbuild.extract.synonyms import Learned
from kgbuild.extract.vectors import readable
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.train.config import TrainingConfig

PROPERTY_LENGTH = 48
"""Word pieces of a property's text in a fresh model; of one property in eight the last aliases are cut."""
QUIET = 0.25
"""Scale of fresh property vectors: scores that start near one another are learned sooner."""


def ontology_of(config: TrainingConfig) -> Ontology:
    """The ontology that a recipe names, or the shipped one."""
    return load_ontology(Path(config.ontology) if config.ontology else None)


def start(config: TrainingConfig, ontology: Ontology) -> Model:
    """The untrained or grown model of a recipe, with a memory of the ontology's properties."""
    names = readable(ontology)
    if config.starts:
        known = averaged([load_model(model_folder(each)) for each in config.starts])
        likeness = config.likeness
        if config.fits:
            likeness = likeness or known.config.network.likeness
            elsewhere = set(Learned.of(ontology, known).names.values())
            names = (*names, *sorted(elsewhere.difference(names)))  # read by other names, so they stay
        else:
            known.filter = None  # it was fitted to a network that will be another
            if config.epochs:
                known.config = replace(known.config, states=None)
        if config.fits_likeness or not config.fits:
            known.background = None
            known.config = replace(known.config, unlearned=None)
        if config.fits_likeness or likeness != known.config.network.likeness:
            _refuse_to_unlearn(known)
        return grown(known, names, structure=config.structure, likeness=likeness)
    sizes = NetworkConfig(memory=len(names), structure=config.structure, likeness=config.likeness)
    fresh = ModelConfig(
        1,
        Path(config.output).name,
        sizes,
        trained=names,
        property_length=PROPERTY_LENGTH,
        aliases=True,
        ends=True,
    )
    model = fresh_model(Path(config.backbone), fresh)
    with torch.no_grad():
        model.network.property.weight[:-1] *= QUIET
        model.network.property.bias[-1] = -4.0
    return model


def teaching(config: TrainingConfig, ontology: Ontology, model: Model) -> Model:
    """The model whose readings a recipe's training remembers: its teacher, or what it starts from.

    Raises ModelError where that is told other pieces of texts than `model`, which is to learn from it.
    """
    if config.teacher is None:
        return model
    found = start(msgspec.structs.replace(config, start_from=config.teacher), ontology)
    if _reads(found) != _reads(model):
        raise ModelError(
            f"{config.teacher} and {model.config.name} differ in word pieces, width or how properties are "
            "told, so neither can learn from the other; give a teacher from which it was made"
        )
    return found


def _reads(model: Model) -> tuple[object, ...]:
    """What must be the same in models of which one learns from the other."""
    config, width = model.config, model.network.encoder_config.hidden_size
    pieces = model.text_encoder.tokenizer.get_vocab()
    return config.property_length, config.aliases, config.ends, width, pieces


def _refuse_to_unlearn(model: Model) -> None:
    """Raise ConfigurationError where a model learned properties by a likeness that will be another."""
    rows = model.network.memory[:, model.config.network.width : -1].any(1).tolist()
    if taught := [name for name, alike in zip(model.config.trained, rows, strict=True) if alike]:
        raise ConfigurationError(
            f"{model.config.name} learned {', '.join(taught)} from where its likeness told them, which this "
            "recipe would change; start from the model before, and learn them again afterwards"
        )


def averaged(models: Sequence[Model]) -> Model:
    """The first model with the mean of all models' weights (Wortsman et al., ICML 2022).

    That is good where one went on from another. Raises ModelError where their networks differ.
    """
    first, *others = models
    for each in others:
        if _made_alike(each) != _made_alike(first):
            raise ModelError(
                f"{each.config.name} and {first.config.name} differ in size, properties or their texts, so "
                "their weights have no mean; start from one of them"
            )
    states = [each.network.state_dict() for each in models]
    mean = {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}
    first.network.load_state_dict(mean)
    return first


def _made_alike(model: Model) -> tuple[object, ...]:
    """What must be the same in models whose weights have a mean."""
    config, encoder = model.config, model.network.encoder.state_dict()
    sizes = {name: tensor.shape for name, tensor in encoder.items()}
    return config.network, config.trained, config.property_length, config.aliases, config.ends, sizes


def grown(model: Model, names: Sequence[str], *, structure: int = 0, likeness: int = 0) -> Model:
    """The model with a row of memory for each property, at least so many rounds of messages, and what was
    never learned compared in a width of `likeness`, or not at all.

    Rows and rounds that it has are kept, and likeness in its width; new rows are blank and new rounds send
    nothing, so what it reads of the properties that it learned stays the same.
    """
    old = model.network
    rounds = max(structure, old.config.structure)
    sizes = replace(old.config, memory=len(names), structure=rounds, likeness=likeness)
    network = JointNetwork(old.encoder, sizes)
    left = ("memory", "likeness.") if likeness != old.config.likeness else ("memory",)
    kept = {name: tensor for name, tensor in old.state_dict().items() if not name.startswith(left)}
    network.load_state_dict(network.state_dict() | kept)
    rows = dict(zip(model.config.trained, old.memory.data, strict=True))
    room = sizes.compared - old.config.compared
    with torch.no_grad():
        for number, name in enumerate(names):
            if name in rows:
                learned, bias = rows[name].split([old.config.compared, 1])
                network.memory[number] = torch.cat([functional.pad(learned, (0, room)), bias])
    config = replace(model.config, network=sizes, trained=tuple(names))
    return replace(model, network=network.eval(), config=config)
