"""A recipe's data sets, read and checked before anything is trained."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from kgbuild.errors import ConfigurationError
from kgbuild.ontology import Ontology, ValueKind
from kgbuild.train.config import DataConfig, TrainingConfig
from kgbuild.train.datasets.annotations import read_annotations
from kgbuild.train.datasets.columns import read_columns
from kgbuild.train.datasets.conll04 import read_conll04
from kgbuild.train.datasets.docbin import read_docbin
from kgbuild.train.datasets.document_templates import read_document_templates
from kgbuild.train.datasets.fewrel import read_fewrel
from kgbuild.train.datasets.gap import read_gap
from kgbuild.train.datasets.knowledgenet import read_knowledgenet
from kgbuild.train.datasets.redocred import read_passages, read_redocred
from kgbuild.train.datasets.stories import read_stories
from kgbuild.train.datasets.templates import names_of, read_templates
from kgbuild.train.datasets.text2kgbench import read_text2kgbench
from kgbuild.train.datasets.texts import bare, read_linking, read_texts
from kgbuild.train.datasets.wiki80 import read_wiki80
from kgbuild.train.examples import Example, Tagging

COPIES = 12
"""Examples of each template."""
PACKAGED = {
    "templates": "templates.tsv",
    "document-templates": "templates.tsv",
    "stories": "stories.tsv",
    "office-stories": "offices.tsv",
}
"""The files in the package that formats read where the recipe names none."""

Examples = list[Example]


@dataclass(frozen=True, slots=True)
class Request:
    """What a reader may need: the recipe's lines, and the examples of the data sets before this one."""

    spec: DataConfig
    config: TrainingConfig
    ontology: Ontology
    before: tuple[Example, ...] = ()

    @property
    def path(self) -> Path:
        """The data set's file or folder."""
        return file_of(self.spec, self.config)

    @property
    def properties(self) -> frozenset[str]:
        """Ids of the properties that are read from text, which are those that can be trained."""
        defined = self.ontology.properties.items()
        return frozenset(name for name, each in defined if each.kind is not ValueKind.TEXT)


def file_of(spec: DataConfig, config: TrainingConfig) -> Path:
    """A data set's file or folder: the one that the recipe names, or else the one in the package."""
    if not spec.path and spec.format in PACKAGED:
        return Path(str(resources.files("kgbuild") / "train" / PACKAGED[spec.format]))
    return Path(config.data_folder) / spec.path


def _knowledgenet(wanted: Request) -> Iterator[Example]:
    for example in read_knowledgenet(wanted.path):
        if not kept_for_development(example.document, wanted.config.holdout):
            yield example


def _templates(wanted: Request) -> Iterable[Example]:
    names = names_of(wanted.before)
    return read_templates(wanted.path, names, copies=COPIES, seed=wanted.config.seed)


def _document_templates(wanted: Request) -> Iterable[Example]:
    return read_document_templates(wanted.path, wanted.before, seed=wanted.config.seed)


def _stories(wanted: Request) -> Iterable[Example]:
    return read_stories(wanted.path, wanted.before, seed=wanted.config.seed)


FORMATS: dict[str, Callable[[Request], Iterable[Example]]] = {
    "knowledgenet": _knowledgenet,
    "redocred": lambda wanted: read_redocred(wanted.path),
    "redocred-passages": lambda wanted: read_passages(wanted.path),
    "fewrel": lambda wanted: read_fewrel(wanted.path),
    "wiki80": lambda wanted: read_wiki80(wanted.path, wanted.ontology),
    "conll04": lambda wanted: read_conll04(wanted.path),
    "columns": lambda wanted: read_columns(wanted.path),
    "text2kgbench": lambda wanted: read_text2kgbench(wanted.path, wanted.ontology),
    "docbin": lambda wanted: read_docbin(wanted.path, wanted.properties),
    "annotations": lambda wanted: read_annotations(wanted.path, wanted.properties),
    "gap": lambda wanted: read_gap(wanted.path),
    "texts": lambda wanted: read_texts(wanted.path),
    "linking": lambda wanted: read_linking(wanted.path),
    "templates": _templates,
    "document-templates": _document_templates,
    "stories": _stories,
    "office-stories": _stories,
}
"""The reader of each format that a recipe may name; docs/data.md describes them."""


def read_data(config: TrainingConfig, ontology: Ontology) -> list[tuple[DataConfig, Examples]]:
    """Each data set with its examples; templates take their names from the sets before them."""
    found: list[tuple[DataConfig, Examples]] = []
    for spec in config.data:
        before = tuple(example for _, examples in found for example in examples)
        found.append((spec, _read(Request(spec, config, ontology, before))))
    return found


def _read(wanted: Request) -> Examples:
    """The examples of one data set, cut as the recipe says, and checked."""
    spec = wanted.spec
    if spec.format not in FORMATS:
        raise ConfigurationError(f"no data format is called {spec.format!r}; there are {', '.join(FORMATS)}")
    examples = list(FORMATS[spec.format](wanted))[spec.first : spec.last]
    if not examples:
        name = spec.path or spec.format
        if not spec.first and spec.last is None:
            raise ConfigurationError(f"{name} holds no examples; add some, or leave the data set out")
        cut = f"from {spec.first} on" if spec.last is None else f"from {spec.first} to {spec.last}"
        raise ConfigurationError(
            f"{name} gives no examples {cut}; widen first and last, or leave the data set out"
        )
    if spec.unlabelled:
        examples = [bare(f"{each.id}:0", each.text, cased=each.cased) for each in examples]  # of no document
    if not spec.remembered and all(each.tagging is Tagging.READ for each in examples):
        raise ConfigurationError(
            f"{spec.path} tells nothing but what another model says of its texts; give it remembered, as "
            "1.0, or leave it out"
        )
    used = {name for each in examples for name in (*each.annotated, *(fact.property for fact in each.facts))}
    missing = (used | spec.incomplete) - wanted.properties
    if missing:
        raise ConfigurationError(
            f"{spec.path or spec.format} uses {', '.join(sorted(missing))}, which the ontology does not have "
            "or has as free text; declare them there, or give the recipe another ontology"
        )
    return examples


def kept_for_development(document: str, divisor: int) -> bool:
    """Whether a document trains nothing: by the hash of its id, so that splits never move."""
    return divisor > 0 and int(hashlib.sha256(document.encode()).hexdigest(), 16) % divisor == 0
