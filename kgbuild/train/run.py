"""A recipe from start to a calibrated model folder with its scores."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from kgbuild.extract.calibration import CalibratedGroup, Calibration
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.model import Model, ModelConfig, save_model
from kgbuild.ontology import Ontology
from kgbuild.train.background import fit_background
from kgbuild.train.calibrate import fit_by_property, of_unjudged
from kgbuild.train.config import TrainingConfig
from kgbuild.train.datasets.knowledgenet import PROPERTIES
from kgbuild.train.entities import development_readings, fit_entities
from kgbuild.train.filtering import fit_filter, texts_to_read
from kgbuild.train.judgements import (
    KNOWLEDGENET,
    LOWEST,
    RANKED,
    Judgements,
    of_development_sets,
    of_knowledgenet,
    pids,
)
from kgbuild.train.loop import AfterEpoch, Progress, Trainer
from kgbuild.train.provenance import Provenance
from kgbuild.train.seeds import forget, trained
from kgbuild.train.start import ontology_of
from kgbuild.train.tagging import bolder, development_examples, fit_tags
from kgbuild.train.unlearned import with_likeness


def run(
    config: TrainingConfig, report: Callable[[Progress], None], after_epoch: AfterEpoch
) -> dict[str, float | int]:
    """Train, calibrate on the held-out documents, and write weights, scores and what they were made from.

    `report` is told of each step, `after_epoch` of what each epoch reached. Returns the scores.
    """
    provenance = Provenance.of(config)
    if config.fits_likeness:
        model, scores = with_likeness(config)
        model.background = fit_background(model, ontology_of(config), config)
    elif config.fits:
        model, scores = _fitted_properties(config)
    else:
        model = trained(config, report, after_epoch)
        ontology = ontology_of(config)
        model.background = fit_background(model, ontology, config)
        scores = calibrate(model, ontology, config)
    output = Path(config.output)
    save_model(model, output)
    (output / "scores.json").write_text(json.dumps(scores, indent=2) + "\n")
    provenance.write()
    if not config.fits:
        forget(config)
    return scores


def _fitted_properties(config: TrainingConfig) -> tuple[Model, dict[str, float | int]]:
    """The model that a recipe starts from with vectors of properties fitted, and its scores."""
    trainer = Trainer(config)
    model = trainer.fit()
    _unfilter(model, trainer.learned)
    never = set(model.config.trained) - set(model.config.filtered) - trainer.learned
    scores = calibrate(model, trainer.ontology, config)
    _unfilter(model, never)
    if not scores:
        model.config = with_learned(model.config, trainer.learned)
    return model, scores


def _unfilter(model: Model, names: Collection[str]) -> None:
    """Tell the model that its filter of pairs was not fitted for these properties."""
    known = tuple(name for name in model.config.filtered if name not in names)
    model.config = dataclasses.replace(model.config, filtered=known)


def calibrate(model: Model, ontology: Ontology, config: TrainingConfig) -> dict[str, float | int]:
    """Fit the model's calibrations on the development splits; returns the scores there.

    Tags come first, since mentions are read by them, on all that is tagged in full. KnowledgeNet's
    properties are calibrated on its held-out documents, read from raw text, with what the data sets that are
    marked for development say of them, all others on those alone; facts between whole entities on
    Re-DocRED's among them. A filter of pairs is fitted to what is emitted then. The scores are
    KnowledgeNet's where it is there. What nothing is there for stays as it was in the model that went on, as
    calibrations of single properties do where nothing but properties' vectors was learned.
    """
    before = model.config
    model.config = dataclasses.replace(
        before, calibration=Calibration(), unlearned=None, groups=(), pronouns=None, tags=None, entities=None
    )
    examples = development_examples(config, ontology)
    ranked = any(spec.development and spec.format in RANKED for spec in config.data)
    tags = fit_tags(NeuralExtractor(model, ontology), examples, before.tags)
    if ranked:
        tags = bolder(tags)
    model.config = dataclasses.replace(model.config, tags=tags)
    loose = NeuralExtractor(model, ontology, threshold=LOWEST)
    passages, others = of_knowledgenet(loose, config), of_development_sets(loose, config)
    if not passages.gold and not others.gold:
        model.config = dataclasses.replace(before, tags=tags)
        if not config.fits:
            _fit_filter(model, ontology, config)
        return {}
    if passages.gold:
        passages += others.where(PROPERTIES.__contains__)
        others = others.where(lambda name: name not in PROPERTIES)
    common, groups = _fitted(others if others.gold else passages)
    if passages.gold and others.gold:
        groups += _fitted(passages)[1]
    common = of_unjudged(common)
    if config.fits:
        groups += _others(before.groups, groups)
    if ranked:
        common, groups = _emitting_all(common, groups)
    judged = tuple(sorted(KNOWLEDGENET)) if passages.gold else None
    model.config = dataclasses.replace(
        model.config, calibration=common, unlearned=before.unlearned, groups=groups, pronouns=judged
    )
    _fit_filter(model, ontology, config)
    extractor = NeuralExtractor(model, ontology)
    if documents := list(development_readings(extractor, config)):
        model.config = dataclasses.replace(model.config, entities=fit_entities(documents))
    read = of_knowledgenet if passages.gold else of_development_sets
    return read(extractor, config).report


def _others(
    before: tuple[CalibratedGroup, ...], now: tuple[CalibratedGroup, ...]
) -> tuple[CalibratedGroup, ...]:
    """The groups that were before, of the properties that are not judged now."""
    judged = {name for group in now for name in group.properties}
    left = [tuple(name for name in group.properties if name not in judged) for group in before]
    return tuple(
        CalibratedGroup(names, group.calibration) for names, group in zip(left, before, strict=True) if names
    )


def _fit_filter(model: Model, ontology: Ontology, config: TrainingConfig) -> None:
    """Fit the model's filter of pairs to what it emits; one that it has stays where there is too little."""
    whole = NeuralExtractor(dataclasses.replace(model, filter=None), ontology)
    if found := fit_filter(whole, texts_to_read(config, ontology)):
        model.filter = found
        model.config = dataclasses.replace(model.config, filtered=whole.known_as)


def with_learned(config: ModelConfig, names: Iterable[str]) -> ModelConfig:
    """The settings with properties that a few sentences taught emitted as those are that a set judged.

    What nothing judges must be surer (`of_unjudged`), since its scores were never held against what
    is false; these sentences say of each of their pairs, of pronouns too, whether the property holds.
    """
    judged = {name for group in config.groups for name in group.properties}
    lowest = min(
        (group.calibration.threshold for group in config.groups), default=config.calibration.threshold
    )
    own = dataclasses.replace(config.calibration, threshold=lowest)
    names = set(names)
    groups = [CalibratedGroup((name,), own) for name in sorted(names - judged)]
    pronouns = None if config.pronouns is None else tuple(sorted({*config.pronouns, *names}))
    return dataclasses.replace(config, groups=(*config.groups, *groups), pronouns=pronouns)


def _fitted(found: Judgements) -> tuple[Calibration, tuple[CalibratedGroup, ...]]:
    common, own = fit_by_property(found.properties, found.scores, found.right, len(found.gold))
    return _reached(common), tuple(CalibratedGroup(pids(name), _reached(own[name])) for name in sorted(own))


def _reached(calibration: Calibration) -> Calibration:
    """The calibration with a threshold within what it was fitted on.

    A flat one would else emit what is far less likely than all that was judged.
    """
    return dataclasses.replace(calibration, threshold=max(calibration.threshold, _lowest(calibration)))


def _emitting_all(
    common: Calibration, groups: tuple[CalibratedGroup, ...]
) -> tuple[Calibration, tuple[CalibratedGroup, ...]]:
    """The same probabilities, emitted from the lowest on that was calibrated."""
    low = [dataclasses.replace(each.calibration, threshold=_lowest(each.calibration)) for each in groups]
    return dataclasses.replace(common, threshold=_lowest(common)), tuple(
        dataclasses.replace(each, calibration=own) for each, own in zip(groups, low, strict=True)
    )


def _lowest(calibration: Calibration) -> float:
    """What `LOWEST`, the least raw probability that was judged, is under a calibration; rounded down."""
    return math.floor(calibration.of(LOWEST) * 1e4) / 1e4
