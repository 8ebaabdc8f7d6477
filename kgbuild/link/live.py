"""Knowledge bases that are asked over the network while linking: a Wikibase's API, a SPARQL endpoint.

Slow: a name that was never asked costs several requests, a second or more, where an index on disk
takes microseconds, and what the service says today decides, so that two builds may differ. Meant for
trying out and for small corpora; `kgbuild kb build` makes an index. Every answer is kept on disk.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from kgbuild.errors import KnowledgeBaseError
from kgbuild.iris import RDF, RDFS, SCHEMA, SKOS, WD, WDT, entity_id
from kgbuild.link.fetch import Patience, Service
from kgbuild.link.format import Id, StoredEntity, long, prior_of
from kgbuild.link.kb.compose import compose
from kgbuild.link.kb.wikidata import Reader
from kgbuild.link.kinds import ROOTS
from kgbuild.link.names import normalise, variants
from kgbuild.records import Candidate, Entity

AT_ONCE = 50
"""Items of one request, the most that Wikibase gives."""

MOST_FOUND = 30
CLASS_STEPS = 6
"""Steps upwards in the order of classes in which general classes are looked for."""

logger = logging.getLogger(__name__)
_NAMED = f"<{RDFS}label>|<{SKOS}altLabel>"


class WikibaseIndex:
    """A `CandidateIndex` over the search of a Wikibase, such as https://www.wikidata.org/w/api.php."""

    def __init__(
        self, address: str, cache: Path, *, language: str = "en", patience: Patience | None = None
    ) -> None:
        self.service = Service(checked(address), cache, patience)
        self.language = language
        self.version = f"live/{urlsplit(address).netloc}/{language}"
        self._reader = Reader((language,))
        self.entity = lru_cache(10_000)(self._entity)

    def candidates(self, surface: str, limit: int = 30) -> tuple[Candidate, ...]:
        """Items that the search finds for a name or other ways to write it; equal names first."""
        found: dict[str, None] = {}
        for form in (surface, *variants(surface)):
            found.update(dict.fromkeys(self._search(form, limit)))
            if len(found) >= limit:
                break
        self._fetch(found)
        held = [entity for entity in map(self.entity, found) if entity is not None]
        held.sort(key=lambda entity: not same_name(surface, entity))
        return tuple(Candidate(entity.id, entity.label, entity.prior) for entity in held[:limit])

    def exact(self, name: str, limit: int = 30) -> tuple[str, ...]:  # noqa: ARG002 - as the protocol has it
        """None: the service is asked for a mention's own names alone."""
        return ()

    def _search(self, name: str, limit: int) -> list[str]:
        if not name.strip():
            return []
        question = {"action": "wbsearchentities", "search": name[:250], "language": self.language}
        question |= {"type": "item", "limit": str(min(limit, MOST_FOUND)), "format": "json", "maxlag": "5"}
        answer = self.service.ask(question)
        return [row["id"] for row in answer.get("search", ()) if row.get("id", "")[:1] == "Q"]

    def _entity(self, id: str) -> Entity | None:
        """What the service tells of an item, with the labels of what its facts name."""
        held = self._stored(id)
        if held is None:
            return None
        types = [long(name) for name in held.types]
        facts = [
            (long(_one(pid), "P"), value if isinstance(value, str) else long(_one(value)))
            for pid, value in zip(held.facts[::2], held.facts[1::2], strict=True)
        ]
        self._fetch([*types, *(value for _, value in facts if _is_item(value))])
        told = [(pid, self._label(value) if _is_item(value) else value) for pid, value in facts]
        kinds = [label for label in map(self._label, types) if label]
        description = "; ".join(filter(None, (held.description, compose(kinds, told))))
        return Entity(
            id=id,
            label=held.label,
            aliases=tuple(held.aliases),
            description=description,
            types=tuple(dict.fromkeys((*types, *self._roots(types)))),
            facts=tuple((pid, value) for pid, value in told if value),
            prior=prior_of(held),
        )

    def _roots(self, types: Sequence[str]) -> list[str]:
        """The general classes above some classes, within `CLASS_STEPS`."""
        seen: dict[str, None] = dict.fromkeys(types)
        latest = list(types)
        for _ in range(CLASS_STEPS):
            self._fetch(latest)
            above = [long(name) for each in latest for name in self._above(each)]
            latest = [name for name in dict.fromkeys(above) if name not in seen]
            seen.update(dict.fromkeys(latest))
            if not latest:
                break
        return [root for root in ROOTS if root in seen]

    def _above(self, id: str) -> Sequence[Any]:
        line = self.service.kept(id)
        return self._reader.read(msgspec.json.encode(line)).above if line else ()

    def _stored(self, id: str) -> StoredEntity | None:
        self._fetch([id])
        line = self.service.kept(id)
        return self._reader.read(msgspec.json.encode(line)).entity if line else None

    def _label(self, id: str) -> str:
        held = self._stored(id)
        return held.label if held else ""

    def _fetch(self, ids: Iterable[str]) -> None:
        """Ask for the items that were never asked for."""
        new = [qid for qid in dict.fromkeys(ids) if _is_item(qid) and self.service.kept(qid) is None]
        for start in range(0, len(new), AT_ONCE):
            part = new[start : start + AT_ONCE]
            question = {"action": "wbgetentities", "ids": "|".join(part), "languages": self.language}
            question |= {
                "props": "labels|aliases|descriptions|claims|sitelinks",
                "format": "json",
                "maxlag": "5",
            }
            told = self.service.ask(question).get("entities", {})
            for qid in part:
                self.service.keep(qid, told.get(qid) or {})


class SparqlIndex:
    """A `CandidateIndex` over the labels (rdfs:label, skos:altLabel) of a SPARQL endpoint."""

    def __init__(
        self, address: str, cache: Path, *, language: str = "en", patience: Patience | None = None
    ) -> None:
        self.service = Service(checked(address), cache, patience)
        self.language = language
        self.version = f"live/{urlsplit(address).netloc}/{language}"
        self.entity = lru_cache(10_000)(self._entity)

    def candidates(self, surface: str, limit: int = 30) -> tuple[Candidate, ...]:
        """Entities with exactly this name, or another way to write it, in the index' language."""
        forms = dict.fromkeys((surface, surface.title(), surface.lower(), *variants(surface)))
        names = " ".join(f"{_quoted(form)}@{self.language} {_quoted(form)}" for form in forms if form.strip())
        query = f"SELECT DISTINCT ?it {{ VALUES ?name {{ {names} }} ?it {_NAMED} ?name }} LIMIT {limit}"
        ids = (entity_id(row["it"]) for row in self._rows(query) if _IRI.fullmatch(row.get("it", "")))
        held = [entity for entity in map(self.entity, dict.fromkeys(ids)) if entity is not None]
        return tuple(Candidate(entity.id, entity.label, entity.prior) for entity in held)

    def exact(self, name: str, limit: int = 30) -> tuple[str, ...]:  # noqa: ARG002 - as the protocol has it
        """None: the endpoint is asked for a mention's own names alone."""
        return ()

    def _entity(self, id: str) -> Entity | None:
        """Label, other names, description and types, as far as the endpoint has them."""
        iri = id if ":" in id else WD + id
        query = f"""SELECT ?role ?value {{ VALUES (?role ?property) {{ ("label" <{RDFS}label>)
          ("alias" <{SKOS}altLabel>) ("description" <{SCHEMA}description>) ("description" <{RDFS}comment>)
          ("type" <{RDF}type>) ("type" <{WDT}P31>) }} <{iri}> ?property ?value
          FILTER(!isLiteral(?value) || LANG(?value) IN ("", "{self.language}")) }} LIMIT 200"""
        told: dict[str, list[str]] = {}
        for row in self._rows(query):
            told.setdefault(row["role"], []).append(row["value"])
        if not told.get("label"):
            return None
        label, *others = told["label"]
        return Entity(
            id=id,
            label=label,
            aliases=tuple(sorted({*others, *told.get("alias", ())} - {label})),
            description="; ".join(sorted(told.get("description", ()))[:1]),
            types=tuple(map(entity_id, sorted(told.get("type", ())))),
        )

    def _rows(self, query: str) -> list[dict[str, str]]:
        answer = self.service.ask({"query": query, "format": "json"})
        try:
            rows = answer["results"]["bindings"]
            return [{name: cell["value"] for name, cell in row.items()} for row in rows]
        except (KeyError, TypeError, AttributeError) as error:
            raise KnowledgeBaseError(
                f"{self.service.address} did not answer with SPARQL results; give the address of the endpoint"
            ) from error


_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|^`\\]+")


def checked(address: str) -> str:
    """The address, where it is one of HTTP; the log says that it is slow."""
    if urlsplit(address).scheme not in ("http", "https"):
        raise KnowledgeBaseError(
            f"{address!r} is no address of a service; it must begin with https:// or http://"
        )
    logger.warning("names are looked up at %s: slow; `kgbuild kb build` makes an index", address)
    return address


def same_name(surface: str, entity: Entity) -> bool:
    """Whether an entity has a name in one of its written forms.

    >>> same_name("Curie, Marie", Entity("Q7186", "Marie Curie"))
    True
    """
    forms = {normalise(surface), *variants(surface)}
    return not forms.isdisjoint(map(normalise, (entity.label, *entity.aliases)))


def _is_item(id: str) -> bool:
    return id[:1] == "Q" and id[1:].isdigit()


def _one(value: Id | list[str]) -> Id:
    return value[0] if isinstance(value, list) else value


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ")
    return f'"{escaped}"'
