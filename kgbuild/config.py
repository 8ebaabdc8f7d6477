"""One `kgbuild.toml` → one frozen `Settings`; a wrong file is refused with the key and the mend.

Every setting has a default, so no file is needed. Paths in a file are relative to that file.

```toml
base = "https://kg.example.org/"   # everything that kgbuild mints lives under this IRI
store = "kgbuild-store"            # folder of the embedded graph store
only_new = false                   # true: leave out what the index tells already
corpus = "news"                    # name in the documents' IRIs; default: the name of what is read

[model]
name = "fast"                      # the faster model in the package; default: "base", which reads best
directory = "models/mine"          # or weights of your own
precision = "auto"                 # or "float32", "bfloat16"

[extractor]
patterns = "patterns.toml"         # default: none; see docs/patterns.md
neural = true                      # false: patterns alone

[index]
path = "kb/mine"                   # default: the sample knowledge base in the package
live = "https://www.wikidata.org/w/api.php"   # or ask a service instead of an index: slow
beside = ["kb/company"]            # further indexes, whose candidates are merged with its own
knowledge = false                  # true: what it tells of linked entities weighs in on what is read

[ontology]
path = "schema.ttl"                # default: ontologies/ in the package
vocabulary = "wikidata"            # or "schema.org", "dbpedia": the words of the statements
shapes = "shapes.ttl"              # SHACL shapes beside those made from the ontology; the same

[dataset]
title = "News of 2026"             # default: "Knowledge graph"
description = "What it is about"   # default: none
licence = "https://creativecommons.org/licenses/by/4.0/"   # an IRI; default: none is stated
publisher = "https://example.org/" # an IRI; default: none

[thresholds]
relation = 0.5                     # least score of a relation; default: the model's own
link = 0.5                         # least score of a link; default: 0.2

[shards]
documents = 32                     # what one task holds in memory, at most
characters = 400000
```
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

import msgspec

from kgbuild.errors import ConfigurationError
from kgbuild.iris import DEFAULT_BASE

FILE_NAME = "kgbuild.toml"


def _must_be(text: str, **limits: Any) -> msgspec.Meta:
    """What a key must be, in the words of an error message."""
    return msgspec.Meta(description=text, **limits)


FilePath = Annotated[Path | None, _must_be("a path, as a string")]
FilePaths = Annotated[tuple[Path, ...], _must_be("a list of paths, as strings")]
Score = Annotated[float, _must_be("a number from 0 to 1", ge=0, le=1)]
Count = Annotated[int, _must_be("a whole number of at least 1", ge=1)]
Name = Annotated[str, _must_be("a string that is not empty", min_length=1)]
Address = Annotated[str, _must_be("an address that begins with https:// or http://", pattern="^https?://.")]
BaseIri = Annotated[
    str,
    _must_be(
        "an absolute IRI that ends in '/' or '#', such as 'https://kg.example.org/'",
        pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+[/#]$",
    ),
]


AbsoluteIri = Annotated[
    str,
    _must_be(
        "an absolute IRI, such as 'https://creativecommons.org/licenses/by/4.0/'",
        pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+$",
    ),
]


@dataclass(frozen=True, slots=True)
class DatasetSettings:
    """What the description of the data set says; a licence or publisher of None is not stated."""

    title: Name = "Knowledge graph"
    description: Name | None = None
    licence: AbsoluteIri | None = None
    publisher: AbsoluteIri | None = None


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which weights read the text: those in the package by their name, or those of a directory."""

    name: Annotated[Literal["base", "fast"], _must_be("'base' or 'fast'")] = "base"
    directory: FilePath = None
    precision: Annotated[
        Literal["auto", "float32", "bfloat16"], _must_be("'auto', 'float32' or 'bfloat16'")
    ] = "auto"
    threads: Count = 1


@dataclass(frozen=True, slots=True)
class ExtractorSettings:
    """Who reads the text: the model (`neural`), a file of patterns, or both together."""

    patterns: FilePath = None
    neural: Annotated[bool, _must_be("true or false")] = True


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Which knowledge base names are looked up in; `path` None means the sample in the package.

    Those of `beside` are looked up in too; what `path` has comes first. `live` is the address of a
    Wikibase's API, or of a SPARQL endpoint (it ends in "sparql"), that is asked instead, which is slow;
    its answers are kept in the file `cache`, by default kgbuild-live.sqlite. With `knowledge`, what is told
    of linked entities weighs in on what is read of them.
    """

    path: FilePath = None
    beside: FilePaths = ()
    live: Address | None = None
    cache: FilePath = None
    knowledge: Annotated[bool, _must_be("true or false")] = False


@dataclass(frozen=True, slots=True)
class OntologySettings:
    """Which properties are read, and what the graph must look like; None means those in the package.

    Statements are made in the words of `vocabulary`, as far as the ontology maps its properties to it.
    """

    path: FilePath = None
    shapes: FilePath = None
    vocabulary: Annotated[
        Literal["wikidata", "schema.org", "dbpedia"], _must_be("'wikidata', 'schema.org' or 'dbpedia'")
    ] = "wikidata"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Least scores, in [0, 1].

    `relation` holds for relations and attributes; None means what the model learned. `link` None means 0.2
    in a graph, and what the ranker learned where links are scored.
    """

    relation: Score | None = None
    link: Score | None = None


@dataclass(frozen=True, slots=True)
class ShardSettings:
    """Bounds on what one task holds; a shard ends at whichever is reached first."""

    documents: Count = 32
    characters: Count = 400_000


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """A SPARQL 1.1 server that holds the graph, in place of the folder; `query` None for none.

    Who it asks to log in is told by the environment: KGBUILD_SERVER_USER, KGBUILD_SERVER_PASSWORD.
    """

    query: Address | None = None
    update: Address | None = None
    digest: Annotated[bool, _must_be("true or false")] = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; see the module's docstring for the file."""

    base: BaseIri = DEFAULT_BASE
    store: Annotated[Path, _must_be("a path, as a string")] = Path("kgbuild-store")
    corpus: Name | None = None
    only_new: Annotated[bool, _must_be("true or false")] = False
    server: Annotated[ServerSettings, _must_be("a table")] = field(default_factory=ServerSettings)
    model: Annotated[ModelSettings, _must_be("a table")] = field(default_factory=ModelSettings)
    extractor: Annotated[ExtractorSettings, _must_be("a table")] = field(default_factory=ExtractorSettings)
    index: Annotated[IndexSettings, _must_be("a table")] = field(default_factory=IndexSettings)
    ontology: Annotated[OntologySettings, _must_be("a table")] = field(default_factory=OntologySettings)
    dataset: Annotated[DatasetSettings, _must_be("a table")] = field(default_factory=DatasetSettings)
    thresholds: Annotated[Thresholds, _must_be("a table")] = field(default_factory=Thresholds)
    shards: Annotated[ShardSettings, _must_be("a table")] = field(default_factory=ShardSettings)


def load_settings(path: Path | None = None) -> Settings:
    """Read a configuration file, by default `kgbuild.toml` in the working directory if there is one.

    Raises ConfigurationError where the file is missing, is not TOML, or has a key or value that
    cannot be.
    """
    if path is None:
        path = Path(FILE_NAME)
        if not path.exists():
            return Settings()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"there is no configuration file {path}; give --config another file"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigurationError(
            f"the configuration file {path} cannot be read: {why}; give --config a TOML file"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}; mend it there") from error
    return parse_settings(data, name=str(path), folder=path.parent)


def parse_settings(data: Mapping[str, Any], *, name: str = "settings", folder: Path = Path()) -> Settings:
    """Settings from plain data; `name` is used in errors, and paths are relative to `folder`.

    >>> parse_settings({"thresholds": {"relation": 0.7}}).thresholds.relation
    0.7
    >>> parse_settings({"threshold": 1})
    Traceback (most recent call last):
    kgbuild.errors.ConfigurationError: settings: unknown key 'threshold'; did you mean 'thresholds'?
    """
    _refuse_unknown(data, Settings, name)

    def to_path(kind: type, value: object) -> object:
        if kind is Path and isinstance(value, str):
            return folder / Path(value).expanduser()
        raise ValueError("Expected `str`")

    try:
        return msgspec.convert(data, Settings, dec_hook=to_path)
    except msgspec.ValidationError as error:
        location = str(error).partition(" - at `$.")[2].rstrip("`")
        raise ConfigurationError(_explain(location, data, name)) from error


def plain(settings: Settings) -> dict[str, Any]:
    """Settings as plain data with absolute paths, which `parse_settings` reads again anywhere.

    >>> parse_settings(plain(Settings(corpus="news"))).corpus
    'news'
    """
    builtins: dict[str, Any] = msgspec.to_builtins(settings, enc_hook=lambda path: str(path.absolute()))
    return builtins


def _refuse_unknown(data: Mapping[str, Any], kind: type, name: str, prefix: str = "") -> None:
    """Raise for the first key that the dataclass does not have, suggesting the nearest one."""
    types = get_type_hints(kind)
    for key, value in data.items():
        if key not in types:
            near = difflib.get_close_matches(key, types, n=1)
            mend = f"did you mean '{prefix}{near[0]}'?" if near else f"the keys are {', '.join(types)}"
            raise ConfigurationError(f"{name}: unknown key '{prefix}{key}'; {mend}")
        if dataclasses.is_dataclass(types[key]) and isinstance(value, Mapping):
            _refuse_unknown(value, types[key], name, f"{prefix}{key}.")


def _explain(location: str, data: Mapping[str, Any], name: str) -> str:
    """Say what the key at a location such as `thresholds.relation` must be."""
    kind: Any = Settings
    value: Any = data
    must_be = "something else"
    for key in location.partition("[")[0].split("."):
        annotated = get_type_hints(kind, include_extras=True)[key]
        kind, value = get_type_hints(kind)[key], value[key]
        must_be = next(meta.description for meta in _metadata(annotated))
    return f"{name}: {location} must be {must_be}, not {value!r}"


def _metadata(annotated: Any) -> Iterator[Any]:
    """The annotations of a type, also those inside a union."""
    yield from getattr(annotated, "__metadata__", ())
    for part in get_args(annotated):
        yield from _metadata(part)
