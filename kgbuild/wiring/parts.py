"""What a document is read and linked with; what is costly to load is loaded once in a process."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from kgbuild import pipeline
from kgbuild.config import IndexSettings, ModelSettings, OntologySettings, Settings
from kgbuild.errors import ConfigurationError
from kgbuild.extract.shipped import shipped
from kgbuild.facts.knowledge import FLOOR, Knowledge
from kgbuild.facts.relations import Alike
from kgbuild.facts.target import Target
from kgbuild.facts.vocabulary import NAMESPACES, with_vocabulary
from kgbuild.iris import Iris
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.text.sentences import RuleSegmenter

if TYPE_CHECKING:
    from kgbuild.compare import KnowledgeBase
    from kgbuild.extract.extractor import NeuralExtractor
    from kgbuild.extract.patterns_extractor import PatternExtractor
    from kgbuild.link.index import LmdbIndex
    from kgbuild.link.rank import Ranker
    from kgbuild.link.several import SeveralIndexes
    from kgbuild.protocols import CandidateIndex, Extractor, Linker
    from kgbuild.shapes import Shapes


@cache
def reading(settings: OntologySettings) -> Ontology:
    """The schema that relations are read in."""
    return load_ontology(settings.path)


@cache
def ontology(settings: OntologySettings) -> Ontology:
    """The target schema: that of reading, and the words of another vocabulary where one is wanted."""
    namespace = NAMESPACES.get(settings.vocabulary)
    return with_vocabulary(reading(settings), namespace) if namespace else reading(settings)


@cache
def shapes(settings: OntologySettings, base: str) -> Shapes:
    """What the graph must look like, by the target schema and by hand."""
    from kgbuild.shapes import load_shapes

    return load_shapes(ontology(settings), Iris(base), settings.shapes)


def weights(model: ModelSettings) -> Path:
    """The folder of the model that reads: one of the user's, or one in the package."""
    if model.directory and model.name != ModelSettings().name:
        raise ConfigurationError(
            f"model.name is {model.name!r}, a model in the package, but model.directory gives another: "
            "leave out one of them"
        )
    return model.directory or shipped(model.name)


@cache
def extractor(model: ModelSettings, schema: OntologySettings, threshold: float | None) -> NeuralExtractor:
    """The neural extractor, for the properties of the ontology."""
    from kgbuild.extract.extractor import NeuralExtractor

    return NeuralExtractor.load(
        weights(model),
        ontology=reading(schema),
        precision=model.precision,
        threads=model.threads,
        threshold=threshold,
    )


@cache
def patterns(file: Path, schema: OntologySettings) -> PatternExtractor:
    """The pattern extractor, for a file and the properties of the ontology."""
    from kgbuild.extract.patterns import load_patterns
    from kgbuild.extract.patterns_extractor import PatternExtractor

    return PatternExtractor(load_patterns(file, reading(schema)))


_stamps: dict[Path, int] = {}
"""When each file of the settings was last written, as far as this process has seen."""


def renew(settings: Settings) -> None:
    """Forget what was made of files that have been edited since the last run: a schedule sees them."""
    files = (settings.ontology.path, settings.ontology.shapes, settings.extractor.patterns)
    stamps = {file: file.stat().st_mtime_ns for file in files if file is not None and file.exists()}
    if any(_stamps.get(file, stamp) != stamp for file, stamp in stamps.items()):
        for made in (reading, ontology, shapes, extractor, patterns):
            made.cache_clear()
    _stamps.update(stamps)


def extractors(settings: Settings) -> Extractor:
    """The neural extractor, the user's patterns, or both together.

    ConfigurationError where the settings leave nothing to read with.
    """
    chosen = settings.extractor
    if not chosen.neural and chosen.patterns is None:
        raise ConfigurationError(
            "extractor.neural is false and extractor.patterns names no file; give one of the two"
        )
    own = patterns(chosen.patterns, settings.ontology) if chosen.patterns else None
    if own and not chosen.neural:
        return own
    reads = _reads(settings)
    neural: Extractor = reads
    if settings.index.knowledge:
        from kgbuild.extract.doubtful import DoubtfulExtractor

        neural = DoubtfulExtractor(reads, settings.thresholds.relation)
    if own is None:
        return neural
    from kgbuild.extract.ensemble import Ensemble

    return Ensemble(own, neural)


def _reads(settings: Settings) -> NeuralExtractor:
    """The network that reads a graph's documents, from the probability on from which they are weighed."""
    least = settings.thresholds.relation
    if settings.index.knowledge:
        least = FLOOR if least is None else min(FLOOR, least)
    return extractor(settings.model, settings.ontology, least)


@cache
def weigher() -> Knowledge:
    """What weighs readings by what the knowledge base tells."""
    return Knowledge.read()


@cache
def index(settings: IndexSettings) -> LmdbIndex | SeveralIndexes:
    """The knowledge base, the sample in the package by default, with those beside it."""
    from kgbuild.link.index import LmdbIndex
    from kgbuild.link.several import beside

    first = settings.path or Path(str(resources.files("kgbuild") / "data" / "kb" / "sample"))
    return beside(map(LmdbIndex, (first, *settings.beside)))


def knowledge_base(settings: IndexSettings) -> CandidateIndex:
    """What names are looked up in: the index, or a service that is asked while linking."""
    return index(settings) if settings.live is None else _live(settings)


@cache
def _live(settings: IndexSettings) -> CandidateIndex:
    from kgbuild.link.live import SparqlIndex, WikibaseIndex

    address = settings.live or ""
    kind = SparqlIndex if address.rstrip("/").endswith("sparql") else WikibaseIndex
    return kind(address, settings.cache or Path("kgbuild-live.sqlite"))


def knowledge(settings: Settings, endpoint: str | None = None) -> KnowledgeBase:
    """What a graph is compared with: the index, or a SPARQL endpoint; ConfigurationError for no address."""
    from kgbuild.compare import EndpointFacts, IndexFacts

    if endpoint is None:
        return IndexFacts(index(settings.index))
    if not endpoint.startswith(("https://", "http://")):
        raise ConfigurationError(
            f"the endpoint must be an address that begins with https:// or http://, not {endpoint!r}"
        )
    from kgbuild.stores.sparql import SparqlStore

    return EndpointFacts(SparqlStore(endpoint), Iris(settings.base))


LEAST_LINK = 0.2
"""Least probability of a link in a graph, where the configuration names none (decision 049).

The ranker's own, which `kgbuild evaluate linking` takes, is lower: it weighs a missing link like a wrong one.
"""


def ranker(settings: Settings) -> Ranker:
    """The linker's ranker, which compares contexts where a model reads."""
    from kgbuild.link.meaning import Encoder
    from kgbuild.link.rank import Ranker

    if not settings.extractor.neural:
        return Ranker.read()
    reads = _reads(settings)
    vectors = settings.index.path  # none for the sample in the package, which stays as it was installed
    return Ranker.read(encoder=Encoder(reads.model.states, reads.gist), vectors=vectors)


def linker(settings: Settings) -> Linker:
    """The linker over the index; names that the user's patterns give an id have that entity."""
    from kgbuild.link.given import GivenLinker
    from kgbuild.link.linker import ContextLinker, Manner

    least = settings.thresholds.link
    linked = ContextLinker(
        knowledge_base(settings.index),
        ranker(settings),
        threshold=LEAST_LINK if least is None else least,
        manner=Manner(nations=True),
    )
    if settings.extractor.patterns is None:
        return linked
    own = patterns(settings.extractor.patterns, settings.ontology)
    return GivenLinker(linked, own.identify, own.version)


def segmenter() -> RuleSegmenter:
    """The sentence boundaries."""
    return RuleSegmenter()


def reader(settings: Settings) -> pipeline.Reader:
    """The parts that turn one document into facts."""
    return pipeline.Reader(
        segmenter=segmenter(),
        extractor=extractors(settings),
        linker=linker(settings),
        target=Target(
            ontology(settings.ontology),
            knowledge_base(settings.index),
            Iris(settings.base),
            only_new=settings.only_new,
            vocabulary=NAMESPACES.get(settings.ontology.vocabulary),
            reading=reading(settings.ontology),
            alike=_names(settings) if settings.extractor.neural else None,
            knowledge=weigher() if settings.index.knowledge else None,
        ),
        shapes=shapes(settings.ontology, settings.base),
    )


def text_reader(settings: Settings) -> pipeline.Reader:
    """The parts that read texts for those who make no statements: what is known has no say in it."""
    return reader(replace(settings, index=replace(settings.index, knowledge=False)))


def _names(settings: Settings) -> Alike:
    """The names of the ontology's properties, as the extractor's encoder sees them."""
    from kgbuild.extract.similar import SimilarNames

    return SimilarNames(_reads(settings).model, reading(settings.ontology))
