"""Entities that are known beforehand, over any linker: what the user says a name is, it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from kgbuild.protocols import Linker
from kgbuild.records import Candidate, Document, Extraction, Link

Identify = Callable[[Iterable[str]], Mapping[str, str]]
"""The entity (QID or IRI) of each of the names that is known."""


class GivenLinker:
    """A linker whose decision stands only where no name is known.

    A mention with a known name gets that entity, with score 1. So does the rest of its cluster, unless
    the cluster holds known names of several entities.
    """

    def __init__(self, linker: Linker, identify: Identify, version: str) -> None:
        self.linker = linker
        self.identify = identify
        self.version = f"{linker.version}+{version}"

    def link(self, document: Document, extraction: Extraction) -> tuple[Link, ...]:
        """One link for each mention, in order; values get none."""
        links = list(self.linker.link(document, extraction))
        for place, entity in self._given(extraction).items():
            name = extraction.mentions[place].text
            links[place] = replace(
                links[place], entity=entity, score=1.0, candidates=(Candidate(entity, name, 1.0),)
            )
        return tuple(links)

    def _given(self, extraction: Extraction) -> dict[int, str]:
        """The entity of each mention that has a known name, or is in the cluster of one."""
        mentions = extraction.mentions
        places = [place for place, mention in enumerate(mentions) if not mention.label.is_value]
        known = self.identify(mentions[place].text for place in places)
        given = {place: known[mentions[place].text] for place in places if mentions[place].text in known}
        spread: dict[int, str] = {}
        for cluster in extraction.clusters:
            entities = {given[place] for place in cluster if place in given}
            if len(entities) == 1:
                spread |= dict.fromkeys(cluster, entities.pop())
        return spread | given
