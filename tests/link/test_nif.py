"""NIF in Turtle: phrases and what they name."""

from pathlib import Path

import pytest

from kgbuild.errors import DatasetError
from kgbuild.link.gold import read_gold
from kgbuild.link.nif import NifDocument, read_nif, write_nif

HEAD = """@prefix nif: <http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#> .
@prefix itsrdf: <http://www.w3.org/2005/11/its/rdf#> .
@prefix wd: <http://www.wikidata.org/entity/> .
<urn:d#char=0,16> a nif:Context ; nif:isString "Ann Lee in Paris" .
"""
PHRASES = """<urn:d#char=11,16> a nif:Phrase ; nif:referenceContext <urn:d#char=0,16> ;
  nif:beginIndex 11 ; nif:endIndex "16"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger> ;
  itsrdf:taIdentRef <http://dbpedia.org/resource/Paris>, wd:Q90 .
<urn:d#char=0,7> a nif:Phrase ; nif:referenceContext <urn:d#char=0,16> ; nif:beginIndex 0 ; nif:endIndex 7 ;
  itsrdf:taIdentRef <http://aksw.org/notInWiki/Ann_Lee> .
<urn:d#char=0,3> a nif:Word ; nif:referenceContext <urn:d#char=0,16> ; nif:beginIndex 0 ; nif:endIndex 3 .
"""


def write(folder: Path, text: str, name: str = "set.ttl") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_phrases_with_their_items(tmp_path: Path) -> None:
    (document,) = read_nif(write(tmp_path, HEAD + PHRASES))
    assert document == NifDocument("urn:d#char=0,16", "Ann Lee in Paris", ((0, 7, None), (11, 16, "Q90")))


def test_nif_is_a_gold_format(tmp_path: Path) -> None:
    (gold,) = read_gold(write(tmp_path, HEAD + PHRASES))
    assert [mention.text for mention in gold.extraction.mentions] == ["Ann Lee", "Paris"]
    assert gold.entities == (None, "Q90")


def test_other_knowledge_bases_keep_their_iris(tmp_path: Path) -> None:
    text = HEAD + PHRASES.replace(", wd:Q90", "")
    (document,) = read_nif(write(tmp_path, text))
    assert document.spans[1] == (11, 16, "http://dbpedia.org/resource/Paris")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    written = NifDocument("urn:x#char=0,9", 'A "東京" 𝔘', ((2, 6, None), (8, 9, "Q90")))
    path = tmp_path / "out.ttl"
    path.write_bytes(write_nif([written]))
    assert list(read_nif(path)) == [written]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("this is no Turtle", "as Turtle"),
        (HEAD.replace("nif:isString", "nif:other"), "one nif:isString"),
        (HEAD + PHRASES.replace("nif:endIndex 7", 'nif:endIndex "x"'), "nif:endIndex"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message) as caught:
        list(read_nif(write(tmp_path, text)))
    assert "set.ttl" in str(caught.value)
