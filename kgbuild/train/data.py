"""A recipe's data sets, read and checked before anything is trained."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from pathlib import Path

from kgbuild.errors import ConfigurationError
from kgbuild.ontology import Ontology
from kgbuild.train.config import DataConfig, TrainingConfig
from kgbuild.train.datasets.fewrel import read_fewrel
from kgbuild.train.datasets.gap import read_gap
from kgbuild.train.datasets.knowledgenet import read_knowledgenet
from kgbuild.train.datasets.redocred import read_redocred
from kgbuild.train.datasets.templates import names_of, read_templates
from kgbuild.train.datasets.wiki80 import read_wiki80
from kgbuild.train.examples import Example

COPIES = 12
"""Examples of each template."""

Examples = list[Example]


def read_data(config: TrainingConfig, ontology: Ontology) -> list[tuple[DataConfig, Examples]]:
    """Each data set with its examples; templates take their names from the sets before them."""
    found: list[tuple[DataConfig, Examples]] = []
    for spec in config.data:
        before = [example for _, examples in found for example in examples]
        examples = _read(spec, config, ontology, before)[spec.first : spec.last]
        _check(spec, examples, ontology)
        found.append((spec, examples))
    return found


def _read(
    spec: DataConfig, config: TrainingConfig, ontology: Ontology, before: Sequence[Example]
) -> Examples:
    path = Path(config.data_folder) / spec.path
    readers: dict[str, Callable[[], Iterable[Example]]] = {
        "knowledgenet": lambda: (
            example
            for example in read_knowledgenet(path)
            if not kept_for_development(example.id.split(":")[0], config.holdout)
        ),
        "redocred": lambda: read_redocred(path, redocred_properties(path)),
        "fewrel": lambda: read_fewrel(path),
        "wiki80": lambda: read_wiki80(path, ontology),
        "gap": lambda: read_gap(path),
        "templates": lambda: read_templates(
            path if spec.path else Path(str(resources.files("kgbuild") / "train" / "templates.tsv")),
            names_of(before),
            copies=COPIES,
            seed=config.seed,
        ),
    }
    if spec.format not in readers:
        raise ConfigurationError(f"no data format is called {spec.format!r}; there are {', '.join(readers)}")
    return list(readers[spec.format]())


def _check(spec: DataConfig, examples: Examples, ontology: Ontology) -> None:
    missing = {fact.property for example in examples for fact in example.facts} - ontology.properties.keys()
    if missing:
        raise ConfigurationError(
            f"{spec.path or spec.format} uses {', '.join(sorted(missing))}, which the ontology does not have"
        )


def redocred_properties(path: Path) -> frozenset[str]:
    """The properties that occur in a file: those are its inventory."""
    return frozenset(fact.property for example in read_redocred(path, frozenset()) for fact in example.facts)


def kept_for_development(document: str, divisor: int) -> bool:
    """Whether a document trains nothing: by the hash of its id, so that splits never move."""
    return divisor > 0 and int(hashlib.sha256(document.encode()).hexdigest(), 16) % divisor == 0
