"""An index from an endpoint: a real one, and some that do not behave."""

from __future__ import annotations

import socket
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.index import LmdbIndex
from kgbuild.link.kb import sparql
from kgbuild.link.kb.build import untold
from kgbuild.link.kb.parse import Choice
from kgbuild.link.kb.sources import build_index_of
from kgbuild.link.kb.sparql import AGENT, Manners

QUICK = Manners(page=7, timeout=1, tries=3, back_off=0.01)
DATA = "".join(
    f'<https://example.org/thing/{number}> <http://www.w3.org/2000/01/rdf-schema#label> "thing {number}"@en ;\n'  # noqa: E501
    f'  <http://www.w3.org/2004/02/skos/core#altLabel> "Ding {number}"@de, "gadget {number}"@en ;\n'
    f"  <http://www.wikidata.org/prop/direct/P31> <http://www.wikidata.org/entity/Q{5 + number % 2}> ;\n"
    f"  <http://www.wikidata.org/prop/direct/P17> <https://example.org/thing/0> .\n"
    for number in range(40)
)


@pytest.fixture(scope="module")
def endpoint(sparql_server: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    with sparql_server() as address:
        headers = {"Content-Type": "text/turtle"}
        store = urllib.request.Request(f"{address}/store?default", DATA.encode(), headers, method="PUT")
        with urllib.request.urlopen(store):
            pass
        yield f"{address}/query"


def test_pages_of_an_endpoint_make_an_index(endpoint: str, tmp_path: Path) -> None:
    report = build_index_of(endpoint, tmp_path / "kb", Choice(("en", "de")))
    index = LmdbIndex(tmp_path / "kb")
    assert report.meta.entities == 40
    (found,) = (candidate.entity for candidate in index.candidates("ding 17"))
    thing = index.entity(found)
    assert thing is not None
    assert (thing.label, thing.aliases) == ("thing 17", ("gadget 17", "Ding 17"))
    assert (thing.types, thing.facts) == (("Q6",), (("P17", "thing 0"),))


def test_small_pages_give_the_same(endpoint: str) -> None:
    choice = Choice(("en",))
    small = list(sparql.read(endpoint, choice, Counter(), untold, QUICK))
    assert small == list(sparql.read(endpoint, choice, Counter(), untold))
    assert len(small) == 40


def test_types_may_be_chosen(endpoint: str) -> None:
    found = sparql.read(endpoint, Choice(types=("Q5",)), Counter(), untold, QUICK)
    assert {entity.label for entity in found} == {f"thing {number}" for number in range(0, 40, 2)}


@contextmanager
def server(*answers: tuple[int, str, bytes, dict[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """A server that gives these answers in turn, and the last one for ever; and what it was told of us."""
    agents: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, kind, body, headers = answers[min(len(agents), len(answers) - 1)]
            agents.append(self.headers["User-Agent"])
            self.rfile.read(int(self.headers["Content-Length"]))
            if status == 0:
                time.sleep(3)
                return
            self.send_response(status)
            self.send_header("Content-Type", kind)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as held:
        held.daemon_threads = True
        threading.Thread(target=held.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{held.server_address[1]}/sparql", agents
        finally:
            held.shutdown()


JSON = "application/sparql-results+json"
NOTHING = b'{"head": {"vars": ["s"]}, "results": {"bindings": []}}'


def ask(address: str) -> list[object]:
    return list(sparql.read(address, Choice(), Counter(), untold, QUICK))


def test_a_page_of_html_is_told() -> None:
    with (
        server((200, "text/html", b"<html>log in</html>", {})) as (address, _),
        pytest.raises(KnowledgeBaseError, match=r"answered text/html, not SPARQL results \(b'<html>log in"),
    ):
        ask(address)


def test_broken_json_is_told() -> None:
    with (
        server((200, JSON, b'{"results": {"bindings": [', {})) as (address, _),
        pytest.raises(KnowledgeBaseError, match="answered with broken JSON"),
    ):
        ask(address)


def test_an_endpoint_that_does_not_answer_is_asked_again_and_then_told() -> None:
    with server((0, "", b"", {})) as (address, agents):
        with pytest.raises(KnowledgeBaseError, match=r"does not answer \(.*timed out.*after nothing"):
            ask(address)
        assert len(agents) == QUICK.tries


def test_an_endpoint_that_is_busy_is_asked_again_later() -> None:
    busy = (503, "text/plain", b"busy", {})
    wait = (429, "text/plain", b"slow down", {"Retry-After": "1"})
    with server(busy, wait, (200, JSON, NOTHING, {})) as (address, agents):
        start = time.monotonic()
        assert ask(address) == []
        assert time.monotonic() - start >= 1
        assert agents == [AGENT] * 3


def test_an_endpoint_that_refuses_is_not_asked_again() -> None:
    with server((400, "text/plain", b"no", {})) as (address, agents):
        with pytest.raises(KnowledgeBaseError, match="does not answer"):
            ask(address)
        assert len(agents) == 1


def test_no_endpoint_at_all() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(KnowledgeBaseError, match=r"does not answer \(.*refused"):
        ask(f"http://127.0.0.1:{port}/sparql")
