"""Pronouns read by the shipped model: each refers to the only name that it can mean."""

from __future__ import annotations

import pytest

from kgbuild import wiring
from kgbuild.config import Settings
from kgbuild.records import Document

SETTINGS = Settings()


@pytest.mark.parametrize(
    ("text", "name", "pronoun"),
    [
        ("Marie Curie was born in Warsaw. She studied in Paris.", "Marie Curie", "She"),
        ("Henri Becquerel was born in 1852. In 1896 he discovered radioactivity.", "Henri Becquerel", "he"),
        ("Ada Lovelace wrote the first program. She was a daughter of Lord Byron.", "Ada Lovelace", "She"),
    ],
)
def test_a_pronoun_refers_to_the_name_that_it_means(text: str, name: str, pronoun: str) -> None:
    extractor = wiring.extractor(SETTINGS.model, SETTINGS.ontology, None)
    document = Document("a", "", text)
    read = extractor.extract(document, wiring.segmenter().segment(document))
    together = [{read.mentions[each].text for each in group} for group in read.clusters]
    assert any({name, pronoun} <= group for group in together), together
