"""A SPARQL endpoint enters; the entities that it tells of leave, a page of subjects at a time.

Two queries make a page: the next subjects that have a label, in the order of their IRIs, and what is
said of them. So a page costs the server the same wherever it lies.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError

import msgspec
import pyoxigraph as ox
from SPARQLWrapper import JSON, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import (
    EndPointNotFound,
    QueryBadFormed,
    SPARQLWrapperException,
    Unauthorized,
    URITooLong,
)

from kgbuild import __version__
from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.format import StoredEntity
from kgbuild.link.kb.parse import Choice
from kgbuild.link.kb.rdf import ROLES, say
from kgbuild.link.kb.triples import NO_LABEL, Role, Said, entity_of
from kgbuild.link.kb.write import Told

logger = logging.getLogger(__name__)

AGENT = f"kgbuild/{__version__} (knowledge-base index; SPARQLWrapper)"
"""How we name ourselves, as the rules of Wikidata's service ask."""

_LABEL_PROPERTIES = " ".join(f"<{iri}>" for iri, role in ROLES.items() if role is Role.LABEL)
_TYPES = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>|<http://www.wikidata.org/prop/direct/P31>"
_REFUSED = (QueryBadFormed, EndPointNotFound, Unauthorized, URITooLong)
_BUSY = (429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Manners:
    """How an endpoint is asked: subjects a page, seconds to wait for an answer and between pages.

    After an answer that says "busy", or none, it is asked again `tries` times in all; the first wait
    is `back_off` seconds, or what Retry-After says, and each further one twice as long.
    """

    page: int = 500
    timeout: int = 60
    pause: float = 0.0
    tries: int = 5
    back_off: float = 1.0


def read(
    endpoint: str, choice: Choice, counts: Counter[str], told: Told, manners: Manners | None = None
) -> Iterator[StoredEntity]:
    """Everything with a label in the languages, of the types, if any are chosen.

    Raises `KnowledgeBaseError`, which says how far it came, where the endpoint does not answer as
    one does.
    """
    manners = manners or Manners()
    last = ""
    while subjects := _subjects(endpoint, choice, last, manners):
        said = _said(endpoint, subjects, choice, manners)
        for subject in subjects:
            entity = entity_of(said.get(subject, []), choice.languages)
            if entity is None:
                counts[NO_LABEL] += 1
            else:
                yield entity
        last = subjects[-1]
        told("subjects", len(subjects), None)
        if len(subjects) < manners.page:
            return
        time.sleep(manners.pause)


def _subjects(endpoint: str, choice: Choice, last: str, manners: Manners) -> list[str]:
    """The next page of IRIs."""
    languages = ", ".join(f'"{language}"' for language in (*choice.languages, "mul", ""))
    classes = " ".join(f"<http://www.wikidata.org/entity/{qid}>" for qid in choice.types)
    of_types = f"VALUES ?type {{ {classes} }} ?s {_TYPES} ?type ." if classes else ""
    query = (
        f"SELECT DISTINCT ?s WHERE {{ {of_types} VALUES ?p {{ {_LABEL_PROPERTIES} }} ?s ?p ?label . "
        f"FILTER(isIRI(?s) && LANG(?label) IN ({languages})"
        f"{f' && STR(?s) > {_quoted(last)}' if last else ''}) }} ORDER BY STR(?s) LIMIT {manners.page}"
    )
    return [row["s"]["value"] for row in _ask(endpoint, query, manners, last)]


def _said(endpoint: str, subjects: list[str], choice: Choice, manners: Manners) -> dict[str, list[Said]]:
    """What is said of subjects, by subject: texts in the languages, types, facts."""
    values = " ".join(f"<{iri}>" for iri in subjects)
    languages = ", ".join(f'"{language}"' for language in (*choice.languages, "mul", ""))
    query = (
        f"SELECT ?s ?p ?o WHERE {{ VALUES ?s {{ {values} }} ?s ?p ?o . "
        f"FILTER(isIRI(?o) || (isLiteral(?o) && LANG(?o) IN ({languages}))) }}"
    )
    found: dict[str, list[Said]] = {}
    for row in _ask(endpoint, query, manners, subjects[0]):
        subject = row["s"]["value"]
        said = say(ox.Triple(ox.NamedNode(subject), ox.NamedNode(row["p"]["value"]), _term(row["o"])))
        if said is not None:
            found.setdefault(subject, []).append(said)
    return found


def _ask(endpoint: str, query: str, manners: Manners, at: str) -> list[dict[str, Any]]:
    """The rows of an answer, asked for with patience."""
    wait = manners.back_off
    for tries_left in reversed(range(manners.tries)):
        try:
            return _answer(endpoint, query, manners.timeout)
        except KnowledgeBaseError:
            raise
        except (HTTPException, OSError, SPARQLWrapperException) as error:
            again = error.code in _BUSY if isinstance(error, HTTPError) else not isinstance(error, _REFUSED)
            if not again or not tries_left:
                raise KnowledgeBaseError(
                    f"the endpoint {endpoint} does not answer ({_reason(error)}), after "
                    f"{f'the subject {at}' if at else 'nothing'}; try later, or fewer with --types"
                ) from error
            pause = _retry_after(error) or wait
            logger.warning("%s is busy (%s); asking again in %.1f s", endpoint, _reason(error), pause)
            time.sleep(pause)
            wait *= 2
    return []


def _answer(endpoint: str, query: str, timeout: int) -> list[dict[str, Any]]:
    """The rows of one answer; `KnowledgeBaseError` where it is not SPARQL's JSON."""
    client = SPARQLWrapper(endpoint, returnFormat=JSON, agent=AGENT)
    client.setMethod(POST)
    client.setTimeout(timeout)
    client.setQuery(query)
    answer = client.query()
    kind = answer.info().get("content-type", "no type")
    body = answer.response.read()
    if "json" not in kind:
        raise KnowledgeBaseError(
            f"{endpoint} answered {kind}, not SPARQL results ({body[:60]!r}); "
            "give the address of the endpoint itself"
        )
    try:
        rows: list[dict[str, Any]] = bindings(body)
    except ValueError as error:
        raise KnowledgeBaseError(f"{endpoint} answered with broken JSON: {error}; try again") from error
    return rows


class _Results(msgspec.Struct):
    bindings: list[dict[str, Any]]


class _Answer(msgspec.Struct):
    results: _Results


def bindings(body: bytes) -> list[dict[str, Any]]:
    """The bindings of SPARQL results in JSON; ValueError where they are not.

    >>> bindings(b'{"results": {"bindings": []}}')
    []
    """
    return msgspec.json.decode(body, type=_Answer).results.bindings


def _term(told: dict[str, str]) -> ox.NamedNode | ox.Literal:
    """A term of SPARQL results in JSON."""
    if told["type"] == "uri":
        return ox.NamedNode(told["value"])
    return ox.Literal(told["value"], language=told.get("xml:lang"))


def _retry_after(error: Exception) -> float | None:
    """Seconds that an answer asks to wait, at most ten minutes."""
    told = error.headers.get("Retry-After", "") if isinstance(error, HTTPError) and error.headers else ""
    if told.isdigit():
        return min(600.0, float(told))
    try:
        return min(600.0, max(0.0, parsedate_to_datetime(told).timestamp() - time.time())) if told else None
    except ValueError:
        return None


def _reason(error: Exception) -> str:
    """What went wrong, on one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def _quoted(text: str) -> str:
    return str(ox.Literal(text))
