"""Entities that are known beforehand: they win, they spread over a cluster, and disagreement stops them."""

from __future__ import annotations

from kgbuild.link.given import GivenLinker
from kgbuild.records import Candidate, Document, Extraction, Label, Link, Mention

KNOWN = {"Acme": "Q1", "Apex": "Q2", "1999": "Q3"}


class Everything:
    """A linker that takes every mention for Q9."""

    version = "everything"

    def link(self, document: Document, extraction: Extraction) -> tuple[Link, ...]:
        candidates = (Candidate("Q9", "nine", 0.6),)
        return tuple(Link(place, "Q9", 0.6, candidates) for place in range(len(extraction.mentions)))


def entities(*names: str, clusters: tuple[tuple[int, ...], ...] = ()) -> list[str | None]:
    text = " ".join(names)
    mentions = []
    for name in names:
        start = text.index(name)
        label = Label.TIME if name.isdigit() else Label.ORGANISATION
        mentions.append(Mention(start, start + len(name), name, label, 1.0))
    extraction = Extraction("d", 0, len(text), tuple(mentions), clusters=clusters)
    linker = GivenLinker(
        Everything(), lambda asked: {name: KNOWN[name] for name in asked if name in KNOWN}, "mine"
    )
    assert linker.version == "everything+mine"
    links = linker.link(Document("d", "urn:d", text), extraction)
    assert [link.mention for link in links] == list(range(len(names)))
    assert all(link.candidates[0].entity == link.entity for link in links)
    return [link.entity for link in links]


def test_a_known_name_has_its_entity_and_other_names_the_linkers() -> None:
    assert entities("Acme", "Leeds") == ["Q1", "Q9"]


def test_a_cluster_follows_its_known_name() -> None:
    assert entities("Acme", "it", "Leeds", clusters=((0, 1),)) == ["Q1", "Q1", "Q9"]


def test_a_cluster_of_two_known_entities_is_not_decided() -> None:
    assert entities("Acme", "Apex", "it", clusters=((0, 1, 2),)) == ["Q1", "Q2", "Q9"]


def test_a_value_is_no_entity() -> None:
    assert entities("1999") == ["Q9"]
