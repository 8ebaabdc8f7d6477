"""Indexes from RDF, KGTK, ConceptNet and tables."""

import gzip
from pathlib import Path

import pytest

from kgbuild.errors import KnowledgeBaseError, UsageError
from kgbuild.link.index import LmdbIndex
from kgbuild.link.kb.assemble import Report
from kgbuild.link.kb.parse import Choice
from kgbuild.link.kb.sources import build_index_of, form_of
from kgbuild.records import Entity

SLICE = Path(__file__).parents[4] / "shared" / "data" / "wikidata" / "slice"

TRIPLES = """\
<http://dbpedia.org/resource/Berlin> <http://www.w3.org/2000/01/rdf-schema#label> "Berlin"@en .
<http://dbpedia.org/resource/Berlin> <http://www.w3.org/2000/01/rdf-schema#label> "Berlino"@it .
<http://dbpedia.org/resource/Berlin> <http://dbpedia.org/ontology/alias> "Spree-Athen"@de .
<http://dbpedia.org/resource/Germany> <http://www.w3.org/2000/01/rdf-schema#label> "Germany"@en .
<http://dbpedia.org/resource/Berlin> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://dbpedia.org/ontology/Place> .
<http://dbpedia.org/resource/Berlin> <http://dbpedia.org/ontology/country> <http://dbpedia.org/resource/Germany> .
<http://dbpedia.org/resource/Berlin> <http://dbpedia.org/ontology/foundingDate> "1237-10-28"^^<http://www.w3.org/2001/XMLSchema#date> .
<http://dbpedia.org/resource/Berlin> <http://www.w3.org/2002/07/owl#sameAs> <http://www.wikidata.org/entity/Q64> .
_:blank <http://www.w3.org/2000/01/rdf-schema#label> "nobody"@en .
<http://dbpedia.org/resource/Rome> <http://www.w3.org/2000/01/rdf-schema#label> "Rzym"@pl .
"""  # noqa: E501 - lines of N-Triples


def build(path: Path, *languages: str, form: str = "auto") -> tuple[LmdbIndex, Report]:
    out = path.parent / "kb"
    report = build_index_of(str(path), out, Choice(languages or ("en",)), form=form)
    index = LmdbIndex(out)
    index.verify()
    return index, report


def first(index: LmdbIndex, surface: str) -> Entity:
    (candidate, *_) = index.candidates(surface)
    entity = index.entity(candidate.entity)
    assert entity is not None
    return entity


@pytest.mark.parametrize("name", ["labels.nt", "labels.ttl", "labels.nt.gz"])
def test_triples_make_entities(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    data = TRIPLES.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    index, report = build(path, "en", "de")
    berlin = first(index, "spree athen")
    assert berlin.id == "http://dbpedia.org/resource/Berlin"
    assert (berlin.label, berlin.aliases) == ("Berlin", ("Spree-Athen",))
    assert berlin.types == ("http://dbpedia.org/ontology/Place", "Q27096213")
    assert berlin.facts == (("P571", "1237-10-28"), ("P17", "Germany"))
    assert berlin.description == "country Germany; founded 1237"
    assert berlin.same == ("Q64",)
    assert index.entity("Q64") == berlin
    assert index.neighbours(berlin.id) >= {"http://dbpedia.org/resource/Germany"}
    assert report.meta.entities == 2
    assert report.counts["without a label"] == 1, "Rome has one in Polish alone"


def test_a_bad_line_of_n_triples_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "labels.nt"
    path.write_bytes(TRIPLES.encode() + b"nonsense\n<a> <b>\n" + TRIPLES.replace("Berlin", "Bonn").encode())
    index, report = build(path)
    assert report.counts["lines that are not N-Triples"] == 2
    assert first(index, "Bonn").label == "Bonn"


def test_a_fault_in_turtle_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "labels.ttl"
    path.write_text("@prefix : <urn:x:> .\n:a :b .\n")
    with pytest.raises(KnowledgeBaseError, match=r"labels\.ttl, line 2: .*mend"):
        build(path)
    assert list(tmp_path.iterdir()) == [path]


def test_concepts_are_read(tmp_path: Path) -> None:
    rows = (
        "/a/1\t/r/IsA\t/c/en/golden_eagle/n\t/c/en/bird\t{}",
        "/a/2\t/r/Synonym\t/c/en/golden_eagle/n\t/c/en/aquila_chrysaetos\t{}",
        "/a/3\t/r/AtLocation\t/c/en/golden_eagle/n\t/c/en/mountain\t{}",
        "/a/4\t/r/IsA\t/c/fr/aigle/n\t/c/fr/oiseau\t{}",
        "/a/5\t/r/ExternalURL\t/c/en/golden_eagle/n\thttp://www.wikidata.org/entity/Q41181\t{}",
        "broken",
    )
    path = tmp_path / "assertions.csv.gz"
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    index, report = build(path)
    eagle = first(index, "aquila chrysaetos")
    assert eagle.label in ("golden eagle", "aquila chrysaetos")
    golden = index.entity("http://conceptnet.io/c/en/golden_eagle/n")
    assert golden is not None
    assert golden.description == "bird"
    assert golden.facts == (("http://conceptnet.io/r/AtLocation", "mountain"),)
    assert golden.same == ("Q41181",)
    assert report.counts["lines that are not assertions"] == 1
    assert index.candidates("aigle") == ()


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text(
        "id\tlabel\taliases\ttypes\nhttps://example.org/acme\tAcme Corporation\tAcme|ACME\torganisation\n"
    )
    index, _ = build(path)
    assert first(index, "acme").types == ("Q43229",)
    path.write_text("id\tname\n")
    with pytest.raises(KnowledgeBaseError, match="line 1: the heading must be"):
        build(path)
    path.write_bytes(b"id\tlabel\nQ1\tZ\xfcrich\n")
    with pytest.raises(KnowledgeBaseError, match=r"not UTF-8 at byte 13"):
        build(path)


def test_a_table_of_kgtk_edges(tmp_path: Path) -> None:
    path = tmp_path / "edges.tsv"
    rows = (
        "id\tnode1\tlabel\tnode2",
        "1\tQ64\tlabel\t'Berlin'@en",
        "2\tQ64\talias\t'Rosie O\\'Berlin'@en",
        "3\tQ64\tP17\tQ183",
        "4\tQ183\tlabel\t'Germany'@en",
        "5\tQ64\tP571\t^1244-01-01T00:00:00Z/9",
        "6\tQ64\tP31\tQ515",
    )
    path.write_text("\n".join(rows) + "\n")
    index, _ = build(path)
    berlin = first(index, "rosie oberlin")
    assert berlin.facts == (("P571", "1244"), ("P17", "Germany"))
    assert berlin.types == ("Q515",)
    assert berlin.prior < first(index, "germany").prior, "which is named by another"


def test_a_folder_of_kgtk_tables() -> None:
    if not SLICE.exists():
        pytest.skip("Wikidata's slice is not here: shared/data/wikidata/slice")
    assert form_of(str(SLICE)) == "kgtk"


def test_forms_are_told_by_names() -> None:
    assert form_of("-") == "wikidata"
    assert form_of("latest-all.json.zst") == "wikidata"
    assert form_of("http://127.0.0.1:7878/query") == "sparql"
    with pytest.raises(UsageError, match=r"give --form, one of wikidata, rdf"):
        form_of("dump.xml")


def test_an_unknown_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no form 'xml'"):
        build_index_of("dump.xml", tmp_path / "kb", Choice(), form="xml")
    assert list(tmp_path.iterdir()) == []


def test_nothing_with_a_label_makes_no_index(tmp_path: Path) -> None:
    path = tmp_path / "labels.nt"
    path.write_text(TRIPLES)
    with pytest.raises(KnowledgeBaseError, match="no entities"):
        build(path, "ja")
    assert list(tmp_path.iterdir()) == [path]
