"""kgbuild in a spaCy pipeline: entities with QIDs, relations as spans, pipes, files, other processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span

from kgbuild.errors import ConfigurationError, UsageError
from kgbuild.spacy import SpanAttribute, SpanRelation, register

GUIDE = Path(__file__).parents[2] / "docs" / "spacy.md"
TEXT = "Acme Widgets hired Ann Lee. It was founded in 1903, and Acme's name stayed."
PATTERNS = """
[[entity]]
label = "organisation"
pattern = "Acme Widgets"
id = "Q30241"
[[entity]]
label = "organisation"
pattern = "Acme"
id = "Q30241"
[[entity]]
label = "person"
pattern = "Ann Lee"
[[entity]]
label = "organisation"
pattern = "It"
[[relation]]
property = "P108"
pattern = [{SLOT = "object"}, {LOWER = "hired"}, {SLOT = "subject"}]
[[relation]]
property = "P571"
pattern = [
  {SLOT = "subject"}, {LOWER = "was"}, {LOWER = "founded"}, {LOWER = "in"}, {SLOT = "object", SHAPE = "dddd"}
]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Language:
    """A pipeline that reads by patterns alone, without a model."""
    (tmp_path / "patterns.toml").write_text(PATTERNS)
    made = spacy.blank("en")
    extractor = {"patterns": str(tmp_path / "patterns.toml"), "neural": False}
    made.add_pipe("kgbuild", config={"settings": {"extractor": extractor}})
    return made


@pytest.fixture(scope="module")
def shipped() -> Language:
    """A pipeline with the shipped model."""
    made = spacy.blank("en")
    made.add_pipe("kgbuild")
    return made


def told(doc: Doc) -> tuple[list[tuple[str, str, str]], ...]:
    """Entities, relations and attributes as texts."""
    return (
        [(each.text, each.label_, each.kb_id_) for each in doc.ents],
        [(each.subject.text, each.property, each.object.text) for each in doc._.relations],
        [(each.subject.text, each.property, each.value.text) for each in doc._.attributes],
    )


EXPECTED = (
    [
        ("Acme Widgets", "organisation", "Q30241"),
        ("Ann Lee", "person", ""),
        ("Acme", "organisation", "Q30241"),
    ],
    [("Ann Lee", "P108", "Acme Widgets")],
    [("It", "P571", "1903")],
)


def test_a_doc_gets_entities_with_qids_relations_and_attributes(rules: Language) -> None:
    doc = rules(TEXT)
    assert told(doc) == EXPECTED
    (relation,), (attribute,) = doc._.relations, doc._.attributes
    assert isinstance(relation, SpanRelation)
    assert isinstance(relation.object, Span)
    assert relation.object.kb_id_ == "Q30241"
    assert isinstance(attribute, SpanAttribute)
    assert (relation.score, attribute.score) == (1.0, 1.0)
    assert [[span.text for span in cluster] for cluster in doc._.coreference] == [["Acme Widgets", "Acme"]]


TWO_PROCESSES = """
import json, sys, spacy
made = spacy.blank("en")
made.add_pipe("kgbuild", config={"settings": {"extractor": {"patterns": sys.argv[1], "neural": False}}})
docs = made.pipe(json.loads(sys.argv[2]), n_process=2)
print(json.dumps([[[each.text, each.kb_id_] for each in doc.ents] for doc in docs]))
"""


def test_a_pipe_reads_texts_in_order(rules: Language) -> None:
    texts = [TEXT, "", "Nothing here.", TEXT]
    assert [told(doc) for doc in rules.pipe(texts)] == [EXPECTED, ([], [], []), ([], [], []), EXPECTED]


def test_a_pipe_in_two_processes_reads_what_one_reads(rules: Language, tmp_path: Path) -> None:
    texts = [TEXT, "", "Nothing here.", TEXT]
    # in a program of its own: spaCy forks, which a process that runs a server's threads should not
    done = subprocess.run(
        [sys.executable, "-c", TWO_PROCESSES, str(tmp_path / "patterns.toml"), json.dumps(texts)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    one = [[[each.text, each.kb_id_] for each in doc.ents] for doc in rules.pipe(texts)]
    assert json.loads(done.stdout) == one
    assert "W127" not in done.stderr


def test_docs_are_stored_with_what_was_read(rules: Language) -> None:
    stored = DocBin(store_user_data=True)
    stored.add(rules(TEXT))
    (again,) = DocBin().from_bytes(stored.to_bytes()).get_docs(spacy.blank("en").vocab)
    assert told(again) == EXPECTED


def test_a_stored_pipeline_has_its_settings(rules: Language, tmp_path: Path) -> None:
    rules.to_disk(tmp_path / "pipeline")
    assert told(spacy.load(tmp_path / "pipeline")(TEXT)) == EXPECTED
    assert told(rules.from_bytes(rules.to_bytes())(TEXT)) == EXPECTED


def test_entities_of_earlier_components_stay(rules: Language) -> None:
    ruler = rules.add_pipe("entity_ruler", before="kgbuild")
    ruler.add_patterns([{"label": "GREETING", "pattern": "Widgets hired Ann"}])
    assert [each.text for each in rules(TEXT).ents] == ["Widgets hired Ann", "Acme"]


def test_tokens_may_be_merged_and_split_afterwards(rules: Language) -> None:
    rules.add_pipe("merge_entities")
    doc = rules(TEXT)
    assert doc[0].text == "Acme Widgets"
    assert told(doc) == EXPECTED
    assert [[span.text for span in cluster] for cluster in doc._.coreference] == [["Acme Widgets", "Acme"]]
    with doc.retokenize() as retokenizer:
        retokenizer.split(doc[0], ["Acme ", "Widgets"], heads=[(doc[0], 1), doc[1]])
    (relation,), (attribute,) = doc._.relations, doc._.attributes
    assert (relation.object.text, attribute.value.text) == ("Acme Widgets", "1903")
    assert (relation.object.label_, relation.object.kb_id_) == ("organisation", "Q30241")


def test_settings_can_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "patterns.toml").write_text(PATTERNS)
    (tmp_path / "my.toml").write_text('[extractor]\npatterns = "patterns.toml"\nneural = false\n')
    made = spacy.blank("en")
    made.add_pipe("kgbuild", config={"file": str(tmp_path / "my.toml")})
    assert told(made(TEXT)) == EXPECTED


def test_mistakes_in_the_settings_show_when_the_component_is_added() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'thresholds'"):
        spacy.blank("en").add_pipe("kgbuild", config={"settings": {"threshold": {}}})
    with pytest.raises(ConfigurationError, match="not both"):
        spacy.blank("en").add_pipe("kgbuild", config={"file": "my.toml", "settings": {"corpus": "x"}})


def test_another_extension_of_the_same_name_is_left_alone() -> None:
    register()
    mine = Doc.get_extension("relations")
    Doc.set_extension("relations", default=(), force=True)
    try:
        with pytest.raises(UsageError, match=r"doc\._\.relations is taken"):
            spacy.blank("en").add_pipe("kgbuild")
    finally:
        Doc.set_extension("relations", getter=mine[2], force=True)


def test_the_shipped_model_reads(shipped: Language) -> None:
    text = "Marie Curie was born in Warsaw in 1867. She married Pierre Curie."
    doc = shipped(text)
    entities = {each.text: each for each in doc.ents}
    assert entities["Marie Curie"].kb_id_ == "Q7186"
    assert entities["Warsaw"].label_ == "location"
    assert "She" not in entities
    assert doc._.relations
    assert doc.text == text
    assert [told(each) for each in shipped.pipe([text, text])] == [told(doc)] * 2


def test_an_office_is_in_relations_and_the_place_inside_it_an_entity(shipped: Language) -> None:
    doc = shipped("Joan Kirner was premier of Victoria from 1990 to 1992.")
    assert [(each.text, each.label_) for each in doc.ents][:2] == [
        ("Joan Kirner", "person"),
        ("Victoria", "location"),
    ]
    [held] = [each for each in doc._.relations if each.property == "P39"]
    assert (held.subject.text, held.object.text) == ("Joan Kirner", "premier of Victoria")


def test_a_pipeline_without_the_component_loads_nothing_of_it() -> None:
    program = (
        "import spacy, sys; spacy.blank('en'); print([m for m in sys.modules if m.startswith('kgbuild.')])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert "kgbuild.spacy" in loaded
    assert "kgbuild.wiring" not in loaded
    assert "kgbuild.extract" not in loaded


def test_the_command_line_waits_for_spacy() -> None:
    program = (
        "import sys\nfrom kgbuild.cli import main\ntry:\n main(['--help'])\n"
        "except SystemExit:\n print('spacy' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.splitlines()[-1] == "False"


def test_the_guide_tells_the_truth(shipped: Language, capsys: pytest.CaptureFixture[str]) -> None:
    guide = GUIDE.read_text().split("```python\n")[1].split("```")[0]
    exec(compile(guide, str(GUIDE), "exec"), {})
    assert "Q7186" in capsys.readouterr().out
