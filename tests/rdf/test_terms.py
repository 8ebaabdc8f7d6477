"""What a term may hold: IRIs are refused, texts are cleaned, by one rule each."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgbuild.errors import IriError, KgbuildError
from kgbuild.graph import merge
from kgbuild.iris import Iris
from kgbuild.rdf import node, text
from kgbuild.records import Document, DocumentFacts, Entity, Revision
from kgbuild.stores.oxigraph import OxigraphStore


@pytest.mark.parametrize(
    "iri",
    ["http://a b", 'http://a"b', "http://a\nb", "http://a\x00", "http://a/\ud800", "a/b", "", "http://a/<"],
)
def test_what_is_no_iri_is_refused(iri: str) -> None:
    with pytest.raises(IriError) as caught:
        node(iri)
    message = str(caught.value)
    assert message.startswith(f"{iri!r} is no absolute IRI (")
    assert len(message.splitlines()) == 1
    assert isinstance(caught.value, KgbuildError)
    assert message.encode()


def test_a_document_with_such_an_iri_is_named_and_not_merged(store: OxigraphStore, schema: Any) -> None:
    uri = Iris().document("tests", "a.txt")
    revision = Revision("", "", "", "", "")
    unnamed = DocumentFacts(Document("a.txt", uri + " ", "x"), revision)
    with pytest.raises(IriError, match=rf"^{uri} : .* is no absolute IRI"):
        merge(store, [unnamed], ontology=schema, iris=Iris())
    assert list(store.quads()) == []
    facts = DocumentFacts(Document("a.txt", uri, "x"), revision, entities=(Entity("http://a b", "a"),))
    [refused] = merge(store, [facts], ontology=schema, iris=Iris())
    assert refused.document_id == "a.txt"
    assert "is no absolute IRI" in refused.detail


@given(st.text(st.characters()), st.one_of(st.none(), st.text(max_size=8), st.sampled_from(["en", "DE-at"])))
def test_a_text_keeps_all_but_lone_surrogates(content: str, language: str | None) -> None:
    literal = text(content, language)
    expected = "".join("\ufffd" if "\ud800" <= each <= "\udfff" else each for each in content)
    assert literal.value == expected
    assert literal.language in (None, (language or "").lower())


def test_control_characters_stay_and_wrong_languages_go() -> None:
    assert text("a\x00\x1b\x7f").value == "a\x00\x1b\x7f"
    assert text("a", "de-AT").language == "de-at"
    assert text("a", "not a tag").language is None
    assert text("a\udc80", "en") == text("a\ufffd", "en")
