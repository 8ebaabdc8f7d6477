"""Names and phrasings that a user knows: a pattern file in, checked patterns out.

A TOML file has `[[entity]]` and `[[relation]]` tables; a JSONL file has spaCy's own lines for entities
(`{"label": "ORG", "pattern": "Acme", "id": "Q1"}`) and the same with "property" for relations. See
docs/patterns.md. What is wrong is refused with the file and its line or entry.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import msgspec

from kgbuild.errors import ConfigurationError
from kgbuild.ontology import Ontology, ValueKind
from kgbuild.records import Label

Token = Mapping[str, Any]
"""A token's attributes, as spaCy's Matcher takes them."""
Slot = Literal["subject", "object"]

LABELS: dict[str, Label] = {
    **{label.value: label for label in Label},
    **dict.fromkeys(("person", "per"), Label.PERSON),
    **dict.fromkeys(("org", "norp", "organization"), Label.ORGANISATION),
    **dict.fromkeys(("gpe", "loc", "fac"), Label.LOCATION),
    "date": Label.TIME,
    **dict.fromkeys(("num", "cardinal", "ordinal", "money", "percent", "quantity"), Label.NUMBER),
    **dict.fromkeys(("misc", "product", "event", "work_of_art", "law", "language"), Label.OTHER),
}
"""Types by what a file may call them, in small letters: ours, and spaCy's (OntoNotes, CoNLL)."""

_ENTITY_ID = re.compile(r"Q[1-9]\d*|[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_SPOILT_QID = re.compile(r"[Qq]\d\w*")
_LEXICAL = re.compile(
    r"OP|ORTH|TEXT|NORM|LOWER|SHAPE|PREFIX|SUFFIX|LENGTH|SPACY|(?!IS_SENT_START)(?:IS|LIKE)_\w+"
)
_OWN_KEYS = ("SLOT", "LABEL")


@dataclass(frozen=True, slots=True)
class EntityPattern:
    """A name: a phrase, or tokens; `id` is the entity that it names (a QID or an IRI), where it is known."""

    label: Label
    pattern: str | tuple[Token, ...]
    id: str | None
    score: float
    place: str


@dataclass(frozen=True, slots=True)
class SlotToken:
    """A token of a relation pattern.

    With a slot and no attributes it stands for one whole mention of one of the `labels`; with a slot and
    attributes it stands for the words that they match, which become a mention of the first label.
    """

    attributes: Token
    slot: Slot | None = None
    labels: frozenset[Label] = frozenset()

    @property
    def is_mention(self) -> bool:
        """Whether it stands for a mention that is already there."""
        return self.slot is not None and not self.attributes


@dataclass(frozen=True, slots=True)
class RelationPattern:
    """A phrasing of a property; `literal` says that its object is a value and not an entity."""

    property: str
    tokens: tuple[SlotToken, ...]
    literal: bool
    score: float
    place: str


@dataclass(frozen=True, slots=True)
class Patterns:
    """What a file holds; `language` names the tokenizer, and `digest` is of the content, not its layout."""

    entities: tuple[EntityPattern, ...]
    relations: tuple[RelationPattern, ...]
    language: str
    digest: str


class _Entity(msgspec.Struct):
    """An entity pattern as written."""

    label: str
    pattern: str | list[dict[str, Any]]
    id: str | None = None
    score: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0


class _Relation(msgspec.Struct):
    """A relation pattern as written."""

    property: str
    pattern: list[dict[str, Any]]
    score: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0


def load_patterns(path: Path, ontology: Ontology) -> Patterns:
    """Read a pattern file, TOML or JSONL by its ending.

    Raises ConfigurationError, with the file and the line or entry, where it does not say what it must.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the pattern file {path} cannot be read: {error}") from error
    language, entries = _toml(text, path) if path.suffix != ".jsonl" else ("en", list(_jsonl(text, path)))
    entities, relations = [], []
    for place, entry in entries:
        written = _convert(entry, _Relation if "property" in entry else _Entity, place)
        if isinstance(written, _Relation):
            relations.append(_relation(written, place, ontology))
        else:
            entities.append(_entity(written, place))
    content = msgspec.json.encode([language, [entry for _, entry in entries]], order="deterministic")
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Patterns(tuple(entities), tuple(relations), language, digest)


def _toml(text: str, path: Path) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    """The language, and each entry with its place."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}; mend it there") from error
    language = data.pop("language", "en")
    if not isinstance(language, str):
        raise ConfigurationError(f"{path}: language must be a code such as 'en', not {language!r}")
    entries = []
    for kind, tables in data.items():
        if kind not in ("entity", "relation"):
            raise ConfigurationError(f"{path}: unknown key {kind!r}; the keys are language, entity, relation")
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise ConfigurationError(f"{path}: {kind} must be tables; write [[{kind}]] before each")
        for number, table in enumerate(tables, start=1):
            place = f"{path}: {kind} {number}"
            if (kind == "relation") != ("property" in table):
                mend = "needs a property" if kind == "relation" else "has a property: write [[relation]]"
                raise ConfigurationError(f"{place} {mend}")
            entries.append((place, table))
    return language, entries


def _jsonl(text: str, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each entry with its place."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{path}, line {number}"
        try:
            yield place, msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.MsgspecError as error:
            raise ConfigurationError(f"{place}: not a JSON object: {error}") from error


def _convert(entry: dict[str, Any], kind: type[_Entity] | type[_Relation], place: str) -> _Entity | _Relation:
    for key in entry:
        if key not in kind.__struct_fields__:
            near = difflib.get_close_matches(key, kind.__struct_fields__, n=1)
            mend = (
                f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(kind.__struct_fields__)}"
            )
            _refuse(place, f"unknown key {key!r}; {mend}")
    try:
        return msgspec.convert(entry, kind)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{place}: {error}") from error


def _entity(written: _Entity, place: str) -> EntityPattern:
    """A checked entity pattern."""
    label = _label(written.label, place)
    if isinstance(written.pattern, str):
        if not written.pattern.strip():
            _refuse(place, "the pattern is empty; give a name or tokens")
        pattern: str | tuple[Token, ...] = " ".join(written.pattern.split())
    else:
        pattern = tuple(written.pattern)
        _check_tokens(pattern, place)
    if written.id is None or _ENTITY_ID.fullmatch(written.id):
        return EntityPattern(label, pattern, written.id, written.score, place)
    if _SPOILT_QID.fullmatch(written.id):
        _refuse(place, f"id {written.id!r} is no QID; a QID is a capital Q and a number, such as 'Q42'")
    return EntityPattern(label, pattern, None, written.score, place)  # spaCy's files name them as they please


def _relation(written: _Relation, place: str, ontology: Ontology) -> RelationPattern:
    """A checked relation pattern, its slots told from its words."""
    defined = ontology.properties.get(written.property)
    if defined is None:
        _refuse(
            place, f"property {written.property!r} is not in the ontology{_near(written.property, ontology)}"
        )
    allowed = {
        "subject": ontology.domain_labels(defined.id),
        "object": ontology.range_labels(defined.id),
    }
    literal = defined.kind is not ValueKind.ITEM
    tokens = tuple(_slot_token(token, allowed, place) for token in written.pattern)
    _check_tokens([token.attributes for token in tokens if not token.is_mention], place, extra=("ENT_TYPE",))
    for slot in allowed:
        numbers = [number for number, token in enumerate(tokens) if token.slot == slot]
        if not numbers:
            _refuse(place, f"no token has SLOT = {slot!r}; a relation needs a subject and an object")
        if numbers[-1] - numbers[0] >= len(numbers):
            _refuse(place, f"the tokens with SLOT = {slot!r} must stand side by side")
        held = [tokens[number] for number in numbers]
        if len(held) > 1 and any(token.is_mention for token in held):
            _refuse(place, f"SLOT = {slot!r} without attributes is a whole mention and stands once")
        captured = not held[0].is_mention and not (literal and slot == "object")
        if captured and len(held[0].labels) != 1:
            _refuse(place, f"SLOT = {slot!r} makes a mention of the words it matches; say which with LABEL")
    return RelationPattern(defined.id, tokens, literal, written.score, place)


def _slot_token(token: Token, allowed: Mapping[str, frozenset[Label]], place: str) -> SlotToken:
    """A token with its slot and labels apart from its attributes."""
    attributes = {key: value for key, value in token.items() if key.upper() not in _OWN_KEYS}
    own = {key.upper(): value for key, value in token.items() if key.upper() in _OWN_KEYS}
    slot = own.get("SLOT")
    if slot is None:
        if own:
            _refuse(place, "LABEL belongs to a token with SLOT; for a token in a mention write ENT_TYPE")
        return SlotToken(attributes)
    if slot not in allowed:
        _refuse(place, f"SLOT is {slot!r}; it must be 'subject' or 'object'")
    given = own.get("LABEL", ())
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        _refuse(place, f"LABEL is {given!r}; it must be a label or a list of labels")
    labels = frozenset(_label(name, place) for name in names)
    if set(attributes) == {"OP"}:
        _refuse(place, f"SLOT = {slot!r} is one mention and takes no OP; to match words give attributes")
    return SlotToken(attributes, slot, labels or allowed[slot])


def _label(name: str, place: str) -> Label:
    label = LABELS.get(name.casefold())
    if label is None:
        near = difflib.get_close_matches(name.casefold(), LABELS, n=1)
        mend = f"did you mean {near[0]!r}?" if near else f"the labels are {', '.join(Label)}"
        _refuse(place, f"unknown label {name!r}; {mend}")
    return label


def _check_tokens(tokens: Sequence[Token], place: str, *, extra: Sequence[str] = ()) -> None:
    """Refuse what spaCy's Matcher does not take, or cannot fill without a trained pipeline."""
    from spacy.errors import MatchPatternError
    from spacy.matcher import Matcher
    from spacy.vocab import Vocab

    for key in (key for token in tokens for key in token):
        if not _LEXICAL.fullmatch(key.upper()) and key.upper() not in extra:
            mend = "use TEXT, LOWER, SHAPE, IS_… or LIKE_…"
            _refuse(place, f"{key} cannot be matched without a trained pipeline; {mend}")
    if not tokens and not extra:
        _refuse(place, "the pattern is empty; give a name or tokens")
    if not tokens:
        return
    try:
        Matcher(Vocab(), validate=True).add("pattern", [list(map(dict, tokens))])
    except (MatchPatternError, ValueError, TypeError, re.error) as error:
        detail = " ".join(str(error).partition("Pattern 0:")[2].split()) or str(error)
        raise ConfigurationError(f"{place}: spaCy's Matcher refuses the tokens: {detail}") from error


def _near(name: str, ontology: Ontology) -> str:
    """A suggestion for an unknown property: the one with that label, or a label like it."""
    labels = {each.label.casefold(): each for each in ontology.properties.values()}
    near = difflib.get_close_matches(name.casefold(), labels, n=1)
    return (
        f"; did you mean {labels[near[0]].id!r} ({labels[near[0]].label})?" if near else "; declare it there"
    )


def _refuse(place: str, problem: str) -> NoReturn:
    raise ConfigurationError(f"{place}: {problem}")
