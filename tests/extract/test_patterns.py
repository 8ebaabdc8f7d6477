"""Pattern files: what they may say, what is refused, and with which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.errors import ConfigurationError
from kgbuild.extract.patterns import Patterns, load_patterns
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import Label

ENTITY = '[[entity]]\nlabel = "ORG"\npattern = "Acme"\n'
SLOTS = '{SLOT = "subject"}, {LOWER = "of"}, {SLOT = "object"}'


@pytest.fixture(scope="session")
def full_schema() -> Ontology:
    return load_ontology()


def load(tmp_path: Path, schema: Ontology, text: str, name: str = "mine.toml") -> Patterns:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return load_patterns(file, schema)


def test_toml_and_jsonl_say_the_same(tmp_path: Path, full_schema: Ontology) -> None:
    toml = load(
        tmp_path,
        full_schema,
        '[[entity]]\nlabel = "ORG"\npattern = "Acme  Widgets"\nid = "Q1"\n'
        f'[[relation]]\nproperty = "P169"\npattern = [{SLOTS}]\nscore = 0.5\n',
    )
    jsonl = load(
        tmp_path,
        full_schema,
        '{"label": "organisation", "pattern": "Acme Widgets", "id": "Q1"}\n\n'
        '{"property": "P169", "score": 0.5, "pattern":'
        ' [{"SLOT": "subject"}, {"LOWER": "of"}, {"SLOT": "object"}]}\n',
        "mine.jsonl",
    )
    (acme,), (other,) = toml.entities, jsonl.entities
    assert (acme.label, acme.pattern, acme.id) == (Label.ORGANISATION, "Acme Widgets", "Q1")
    assert (other.label, other.pattern, other.id) == (acme.label, acme.pattern, acme.id)
    assert toml.relations[0].tokens == jsonl.relations[0].tokens
    assert (toml.relations[0].score, toml.relations[0].literal) == (0.5, False)
    assert jsonl.relations[0].place.endswith("mine.jsonl, line 3")


def test_a_slot_without_labels_takes_those_of_domain_and_range(tmp_path: Path, full_schema: Ontology) -> None:
    given = f'[[relation]]\nproperty = "P19"\npattern = [{SLOTS}]\n'
    subject, _, object_ = load(tmp_path, full_schema, given).relations[0].tokens
    assert subject.labels == full_schema.domain_labels("P19")
    assert object_.labels == full_schema.range_labels("P19")


def test_only_qids_and_iris_are_entities(tmp_path: Path, full_schema: Ontology) -> None:
    ids = ("Q42", "https://kg.example.org/e/1", "acme-inc")
    text = "".join(f'{ENTITY}id = "{id_}"\n' for id_ in ids)
    assert [each.id for each in load(tmp_path, full_schema, text).entities] == [*ids[:2], None]


def test_the_digest_is_of_what_the_file_says_and_not_of_its_layout(
    tmp_path: Path, full_schema: Ontology
) -> None:
    digest = load(tmp_path, full_schema, ENTITY).digest
    assert load(tmp_path, full_schema, f"# my names\n\n{ENTITY}").digest == digest
    assert load(tmp_path, full_schema, ENTITY + 'id = "Q1"\n').digest != digest
    assert load(tmp_path, full_schema, 'language = "de"\n' + ENTITY).digest != digest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[entity]\n", "mine.toml is not TOML.*line 1"),
        ("language = 3\n", "language must be a code such as 'en', not 3"),
        ("[[entities]]\nlabel = 'ORG'\n", "unknown key 'entities'"),
        ("[entity]\nlabel = 'ORG'\n", r"write \[\[entity\]\] before each"),
        (ENTITY + ENTITY.replace("ORG", "ORGG"), "entity 2: unknown label 'ORGG'; did you mean 'org'"),
        (ENTITY.replace("label", "lable"), "entity 1: unknown key 'lable'; did you mean 'label'"),
        (ENTITY + "extra = 1\n", "entity 1: unknown key 'extra'; the keys are label"),
        (ENTITY + "score = 2\n", "entity 1: .*score"),
        (ENTITY + 'id = "q42"\n', "entity 1: id 'q42' is no QID"),
        (ENTITY.replace('"Acme"', '" "'), "entity 1: the pattern is empty"),
        (ENTITY.replace('"Acme"', "[]"), "entity 1: the pattern is empty"),
        (ENTITY.replace('"Acme"', '[{POS = "PROPN"}]'), "POS cannot be matched without a trained pipeline"),
        (ENTITY.replace('"Acme"', '[{LOWR = "acme"}]'), "entity 1: LOWR cannot be matched"),
        (ENTITY.replace('"Acme"', "[{LOWER = 3}]"), "Matcher refuses the tokens: .*LOWER"),
        (ENTITY.replace('"Acme"', '[{LOWER = {REGEX = "("}}]'), "Matcher refuses the tokens: .*unterminated"),
        (ENTITY + 'property = "P169"\n', r"entity 1 has a property: write \[\[relation\]\]"),
        (ENTITY.replace("entity", "relation"), "relation 1 needs a property"),
    ],
)
def test_mistakes_in_entities_are_named_with_their_entry(
    tmp_path: Path, full_schema: Ontology, text: str, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load(tmp_path, full_schema, text)


@pytest.mark.parametrize(
    ("property_id", "pattern", "message"),
    [
        ("P99999", SLOTS, "property 'P99999' is not in the ontology"),
        ("place of birth", SLOTS, r"did you mean 'P19' \(place of birth\)"),
        ("P19", '{SLOT = "subject"}', "no token has SLOT = 'object'"),
        ("P19", SLOTS.replace('"object"', '"value"'), "SLOT is 'value'; it must be 'subject' or 'object'"),
        ("P19", SLOTS + ', {SLOT = "object"}', "'object' without attributes|stand side by side"),
        (
            "P19",
            '{SLOT = "subject"}, {SLOT = "object"}, {SLOT = "object"}',
            "a whole mention and stands once",
        ),
        ("P19", SLOTS.replace('"object"', '"object", OP = "+"'), "is one mention and takes no OP"),
        (
            "P19",
            '{SLOT = "subject"}, {SLOT = "object", LABEL = ["GPE", "ORG"], IS_TITLE = true}',
            "with LABEL",
        ),
        ("P19", SLOTS.replace('"object"', '"object", LABEL = 3'), "LABEL is 3; it must be a label"),
        ("P19", '{LABEL = "GPE", LOWER = "x"}, ' + SLOTS, "LABEL belongs to a token with SLOT"),
        ("P19", SLOTS.replace("LOWER", "LEMMA"), "LEMMA cannot be matched"),
    ],
)
def test_mistakes_in_relations_are_named_with_their_entry(
    tmp_path: Path, full_schema: Ontology, property_id: str, pattern: str, message: str
) -> None:
    text = f'{ENTITY}[[relation]]\nproperty = "{property_id}"\npattern = [{pattern}]\n'
    with pytest.raises(ConfigurationError, match=f"relation 1: .*({message})"):
        load(tmp_path, full_schema, text)


@pytest.mark.parametrize(
    ("line", "message"),
    [("{", "not a JSON object"), ("[1]", "not a JSON object"), ('{"label": "ORG"}', "`pattern`")],
)
def test_mistakes_in_jsonl_are_named_with_their_line(
    tmp_path: Path, full_schema: Ontology, line: str, message: str
) -> None:
    good = '{"label": "ORG", "pattern": "Acme"}\n'
    with pytest.raises(ConfigurationError, match=f"mine.jsonl, line 3: .*{message}"):
        load(tmp_path, full_schema, f"{good}{good}{line}\n", "mine.jsonl")


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path, full_schema: Ontology) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml cannot be read"):
        load_patterns(tmp_path / "none.toml", full_schema)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"bytes\.toml cannot be read"):
        load_patterns(tmp_path / "bytes.toml", full_schema)
