"""The training loop: joint or stepwise, resumable at epochs, its randomness fixed by the seed."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import nn

from kgbuild.errors import ConfigurationError
from kgbuild.extract.model import Model, load_model, save_model
from kgbuild.extract.synonyms import Learned
from kgbuild.extract.vectors import PropertyTexts
from kgbuild.train.batches import Inventory, batches, collate
from kgbuild.train.checkpoint import Standing, folder_of, restore_checkpoint, save_checkpoint
from kgbuild.train.config import TrainingConfig
from kgbuild.train.corpora import Corpus, with_predicted_mentions
from kgbuild.train.data import read_data
from kgbuild.train.development import DevelopmentScores, score
from kgbuild.train.device import chosen, on
from kgbuild.train.features import Features
from kgbuild.train.likening import fit_likeness, seen
from kgbuild.train.loading import Steps, loaded, workers_for
from kgbuild.train.losses import Losses
from kgbuild.train.properties import fit_properties
from kgbuild.train.remembering import Teacher
from kgbuild.train.smaller import fewer_heads, smaller
from kgbuild.train.start import ontology_of, start, teaching
from kgbuild.train.updates import Updater, rate

logger = logging.getLogger(__name__)

LOOKED_AT = 64
"""Windows of which heads of attention are judged."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where training stands after a step."""

    epoch: int
    step: int
    steps: int
    tokens: int
    losses: Losses


AfterEpoch = Callable[[int, Model, DevelopmentScores | None], None]
"""What is told after each epoch: its number from 0, the model, and its development scores."""


class Trainer:
    """One run of a recipe."""

    def __init__(self, config: TrainingConfig) -> None:
        device = chosen(config.device)
        torch.manual_seed(config.seed)
        self.config = config
        self.ontology = ontology_of(config)
        self.model = start(config, self.ontology)
        encoder = self.model.text_encoder
        corpora = [
            Corpus(spec, tuple(examples), encoder, config.length)
            for spec, examples in read_data(config, self.ontology)
        ]
        self.corpora = [corpus for corpus in corpora if not corpus.spec.development]
        self.development = [
            row
            for corpus in corpora
            if corpus.spec.development
            for row in corpus.features(range(len(corpus.examples)))
        ]
        if config.fits and not self.annotated:
            raise ConfigurationError(
                f"learn is {config.learn!r}, but the recipe's data sets annotate no property; add one that "
                "does"
            )
        if isinstance(config.learn, list) and (strange := self.learned - self.annotated):
            raise ConfigurationError(
                f"learn names {', '.join(sorted(strange))}, of which the recipe's data sets annotate nothing"
            )
        if config.fits and not config.fits_likeness:
            self._refuse_what_is_read_already()
        texts = PropertyTexts.of(self.ontology, self.model)
        inventory = Inventory.of(self.ontology, texts.names)
        teacher = self._teacher(texts, device) if config.is_taught else None
        if config.layers or config.inner:
            self.model = smaller(self.model, layers=config.layers, inner=config.inner)
        if config.heads or config.context_heads:
            rows = self.shown(0)
            some = collate(rows[:: max(1, len(rows) // LOOKED_AT)], inventory)
            self.model = fewer_heads(self.model, some, heads=config.heads, context_heads=config.context_heads)
        for part in self.model.network.modules():
            if isinstance(part, nn.Dropout):
                part.p = config.dropout
        self.model.network.to(device)
        self.updater = Updater(self.model.network, texts, inventory, config, self.annotated, teacher)

    def _teacher(self, texts: PropertyTexts, device: torch.device) -> Teacher:
        """What reads each batch too; the model is told whose states it is to make."""
        config, found = self.config, teaching(self.config, self.ontology, self.model)
        if config.distilled and not config.embeddings:
            self.model.config = dataclasses.replace(self.model.config, states=found.states)
        network = found.network.to(device)
        return Teacher(network, on(device, texts), distilled=config.distilled > 0)

    def _refuse_what_is_read_already(self) -> None:
        """Raise ConfigurationError where a property to learn is read as one that was learned."""
        for name, known in Learned.of(self.ontology, self.model).names.items():
            if name in self.learned:
                raise ConfigurationError(
                    f"{name} is read as {known}, which the model learned; annotate {known}, declared in "
                    "the ontology (owl:imports <https://w3id.org/kgbuild/ontology> declares it)"
                )

    def fit(self) -> Model:
        """The model with the learned properties' own vectors fitted, and nothing else changed."""
        updater, network, rows = self.updater, self.model.network, self._rows()
        fit_properties(network, updater.texts, updater.inventory, rows, self.learned, prior=self.config.prior)
        network.cpu()
        return self.model

    def likenesses(self, withheld: Sequence[Collection[str]]) -> Iterator[Model]:
        """The model with its likeness learned anew, each time from all but the properties withheld.

        It is one model, which is another at each step.
        """
        updater, network, config = self.updater, self.model.network, self.config
        evidence = list(
            seen(network, updater.inventory, self._rows(), tokens=config.tokens, seed=config.seed)
        )
        columns, device = updater.inventory.columns, network.memory.device
        for names in withheld:
            network.to(device)
            taught = {columns[name] for name in self.annotated.difference(names)}
            fit_likeness(network, updater.texts, evidence, taught, seed=config.seed)
            network.cpu()
            yield self.model

    def _rows(self) -> list[Features]:
        """What is shown at once where the network stays as it is."""
        return with_predicted_mentions(self.shown(0), self.model.network, self.model.text_encoder)

    @cached_property
    def annotated(self) -> frozenset[str]:
        """The properties that the training data annotate."""
        trained = [corpus for corpus in self.corpora if corpus.spec.take != 0]
        return frozenset(
            name for corpus in trained for example in corpus.examples for name in example.annotated
        )

    @property
    def learned(self) -> frozenset[str]:
        """The properties whose vectors `fit` learns."""
        return frozenset(self.config.learn) if isinstance(self.config.learn, list) else self.annotated

    def run(
        self,
        report: Callable[[Progress], None],
        after_epoch: AfterEpoch,
    ) -> Model:
        """Train from where the run's checkpoint stands; returns the best epoch's model.

        A checkpoint is written after each epoch, and the model folder after each that is the best
        so far (after each where nothing is held out). Without epochs it is the model that was started from.
        Its last checkpoint stays, so a finished run is not trained again (`kgbuild.train.seeds.forget`).
        """
        output, checkpoint = Path(self.config.output), folder_of(self.config)
        standing = restore_checkpoint(checkpoint, self.config, self.updater.state)
        if not self.config.epochs:
            save_model(self.model, output)
        while standing.epochs < self.config.shown:
            if self.config.patience and standing.stale >= self.config.patience:
                logger.info("no better score for %d epochs: training stops early", standing.stale)
                break
            steps = self._epoch(standing, report)
            scores = self._score()
            better = scores is None or scores.mean > standing.best
            kept = dataclasses.replace(self.model, network=self.updater.kept)
            if better:
                save_model(kept, output)
            standing = Standing(
                standing.epochs + 1,
                steps,
                scores.mean if scores and better else standing.best,
                0 if better else standing.stale + 1,
            )
            save_checkpoint(checkpoint, self.config, self.updater.state, standing)
            after_epoch(standing.epochs - 1, kept, scores)
        return load_model(output)

    def _epoch(self, standing: Standing, report: Callable[[Progress], None]) -> int:
        """Train one epoch; returns the steps taken so far."""
        config, epoch, step = self.config, standing.epochs, standing.steps
        entities_only = epoch < config.stepwise
        if config.stepwise and not entities_only:
            self.updater.freeze_entities()
        shown = self.shown(epoch)
        if epoch or config.start_from:
            shown = with_predicted_mentions(shown, self.model.network, self.model.text_encoder)
        self.updater.refresh_table()
        self.model.network.train()
        found = list(batches(shown, tokens=config.tokens, seed=config.seed * 1000 + epoch))
        planned = step + len(found) * (config.epochs - epoch)
        steps = step + len(found) * (config.shown - epoch)
        made = loaded(
            Steps(found, self.updater.inventory, config.most_pairs, step),
            workers=workers_for(self.updater.device),
        )
        for rows, batch in zip(found, made, strict=True):
            share = rate(step, planned, config.warmup)
            losses = self.updater.update(batch, rate=share, entities_only=entities_only)
            step += 1
            report(Progress(epoch, step, steps, sum(len(row.ids) for row in rows), losses))
        self.model.network.eval()
        return step

    def shown(self, epoch: int) -> list[Features]:
        """The features of an epoch, data set after data set."""
        return [
            row
            for number, corpus in enumerate(self.corpora)
            for row in corpus.epoch((self.config.seed * 1000 + epoch) * 100 + number)
        ]

    def _score(self) -> DevelopmentScores | None:
        if not self.development:
            return None
        updater = self.updater
        return score(updater.kept, self.development, updater.inventory, updater.properties())
