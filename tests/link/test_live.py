"""Live look-ups against a server that speaks HTTP on a real socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from kgbuild import wiring
from kgbuild.config import IndexSettings
from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.fetch import AGENT, Patience
from kgbuild.link.linker import ContextLinker
from kgbuild.link.live import SparqlIndex, WikibaseIndex
from kgbuild.records import Document, Extraction, Label, Mention

QUICK = Patience(pause=0.0, timeout=5.0, back_off=0.01, tries=3)


def item(
    qid: str, label: str, *, aliases: tuple[str, ...] = (), claims: dict[str, str] | None = None
) -> dict[str, Any]:
    told = {
        pid: [
            {
                "mainsnak": {"datavalue": {"value": {"id": value, "numeric-id": int(value[1:])}}},
                "rank": "normal",
            }
        ]
        for pid, value in (claims or {}).items()
    }
    names = {"en": [{"language": "en", "value": alias} for alias in aliases]} if aliases else {}
    return {
        "type": "item",
        "id": qid,
        "labels": {"en": {"language": "en", "value": label}},
        "descriptions": {},
        "aliases": names,
        "claims": told,
        "sitelinks": {f"{number}wiki": {"site": f"{number}wiki"} for number in range(40)},
    }


ITEMS = {
    each["id"]: each
    for each in (
        item("Q90", "Paris", aliases=("City of Light",), claims={"P31": "Q515", "P17": "Q142"}),
        item("Q142", "France", claims={"P31": "Q6256"}),
        item("Q515", "city", claims={"P279": "Q486972"}),
        item("Q486972", "human settlement", claims={"P279": "Q27096213"}),
        item("Q6256", "country"),
        item("Q27096213", "geographic location"),
    )
}


@dataclass
class Server:
    """What was asked of the server, and what it says before it answers."""

    address: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    first: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    def answer(self, question: dict[str, str]) -> Any:
        if question.get("action") == "wbsearchentities":
            name = question["search"].casefold()
            hits = [
                each
                for each in ITEMS.values()
                if name in json.dumps([each["labels"], each["aliases"]]).casefold()
            ]
            return {"search": [{"id": each["id"]} for each in hits]}
        if question.get("action") == "wbgetentities":
            return {
                "entities": {
                    qid: ITEMS.get(qid, {"id": qid, "missing": ""}) for qid in question["ids"].split("|")
                }
            }
        wd = "http://www.wikidata.org/entity/Q90"
        rows = [{"it": wd}] if "?it" in question["query"] else [{"role": "label", "value": "Paris"}]
        cells = [{name: {"type": "literal", "value": value} for name, value in row.items()} for row in rows]
        return {"results": {"bindings": cells}}


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            question = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            state.asked.append(question)
            state.agents.add(self.headers["User-Agent"])
            status, headers, body = state.first.pop(0) if state.first else (200, {}, b"")
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json"} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body or json.dumps(state.answer(question)).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        state.address = f"http://127.0.0.1:{http.server_port}/w/api.php"
        yield state
        http.shutdown()
        thread.join()


@pytest.fixture
def index(server: Server, tmp_path: Path) -> Iterator[WikibaseIndex]:
    made = WikibaseIndex(server.address, tmp_path / "cache" / "live.sqlite", patience=QUICK)
    yield made
    made.service.close()


def test_candidates_of_a_name(index: WikibaseIndex) -> None:
    (candidate,) = index.candidates("City of Light")
    assert (candidate.entity, candidate.label) == ("Q90", "Paris")
    assert candidate.score > 0.0


def test_an_entity_has_its_facts_in_words_and_its_general_classes(index: WikibaseIndex) -> None:
    paris = index.entity("Q90")
    assert paris is not None
    assert paris.facts == (("P17", "France"),)
    assert paris.types == ("Q515", "Q27096213")
    assert "city" in paris.description
    assert index.entity("Q404") is None


def test_what_was_asked_once_is_not_asked_again(server: Server, index: WikibaseIndex, tmp_path: Path) -> None:
    first = index.candidates("Paris")
    count = len(server.asked)
    again = WikibaseIndex(server.address, tmp_path / "cache" / "live.sqlite", patience=QUICK)
    assert again.candidates("Paris") == first
    again.service.close()
    assert len(server.asked) == count
    assert server.agents == {AGENT}


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_service_is_asked_again_when_it_says(
    server: Server, index: WikibaseIndex, status: int
) -> None:
    server.first = [(status, {"Retry-After": "0"}, b"busy"), (status, {}, b"busy")]
    assert index.candidates("Paris")
    assert server.asked[0] == server.asked[1] == server.asked[2]


def test_lag_is_waited_for(server: Server, index: WikibaseIndex) -> None:
    server.first = [(200, {"Retry-After": "0"}, b'{"error": {"code": "maxlag"}}')]
    assert index.candidates("Paris")


def test_a_service_that_stays_busy_is_named(server: Server, index: WikibaseIndex) -> None:
    server.first = [(503, {}, b"busy")] * 3
    with pytest.raises(KnowledgeBaseError, match="kgbuild kb build"):
        index.candidates("Paris")
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((200, {"Content-Type": "text/html"}, b"<html>"), "text/html, not JSON"),
        ((200, {}, b'{"search": '), "broken JSON"),
        ((404, {}, b"none"), "404"),
        ((200, {}, b'{"error": {"code": "badvalue"}}'), "badvalue"),
    ],
)
def test_an_answer_that_cannot_be_used_is_an_error(
    server: Server, index: WikibaseIndex, answer: tuple[int, dict[str, str], bytes], message: str
) -> None:
    server.first = [answer]
    with pytest.raises(KnowledgeBaseError, match=message):
        index.candidates("Paris")
    assert index.candidates("Paris")  # the error was not kept


def test_nobody_listens(tmp_path: Path) -> None:
    index = WikibaseIndex(
        "http://127.0.0.1:9/api", tmp_path / "c.sqlite", patience=Patience(back_off=0.0, tries=2)
    )
    with pytest.raises(KnowledgeBaseError, match="does not answer"):
        index.candidates("Paris")
    index.service.close()


def test_an_address_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="https://"):
        WikibaseIndex("file:///etc/passwd", tmp_path / "c.sqlite")


def test_the_linker_works_over_it(index: WikibaseIndex) -> None:
    text = "Paris is a city in France."
    mentions = (Mention(0, 5, "Paris", Label.LOCATION, 0.9), Mention(19, 25, "France", Label.LOCATION, 0.9))
    links = ContextLinker(index).link(Document("d", "urn:d", text), Extraction("d", 0, len(text), mentions))
    assert [link.candidates[0].entity for link in links] == ["Q90", "Q142"]


def test_a_setting_takes_it_in_place_of_an_index(server: Server, tmp_path: Path) -> None:
    chosen = IndexSettings(live=server.address, cache=tmp_path / "c.sqlite")
    index = wiring.knowledge_base(chosen)
    assert isinstance(index, WikibaseIndex)
    assert index.candidates("Paris")
    index.service.close()


def test_a_sparql_endpoint(server: Server, tmp_path: Path) -> None:
    index = SparqlIndex(server.address, tmp_path / "c.sqlite", patience=QUICK)
    assert [candidate.entity for candidate in index.candidates('the "Paris"')] == ["Q90"]
    assert '"the \\"Paris\\""@en' in server.asked[0]["query"]
    index.service.close()
