"""The extractor's contract, with an untrained network: spans, types, independence, errors."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch

from kgbuild.errors import ConfigurationError, ModelError
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.model import Model, load_model, save_model
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import Document, Label, Mention
from kgbuild.text.sentences import RuleSegmenter

TEXT = "Ada met Bob in Rome. She liked it there. In 1843 he wrote to her. Later they went to Oslo and Bonn."


@pytest.fixture(scope="session")
def full_schema() -> Ontology:
    return load_ontology()


def document(text: str = TEXT) -> Document:
    return Document("d", "urn:d", text)


def read(extractor: NeuralExtractor, text: str = TEXT):
    given = document(text)
    return extractor.extract(given, RuleSegmenter().segment(given))


def test_mentions_quote_the_text_and_pronouns_are_among_them(
    tiny_model: Model, full_schema: Ontology
) -> None:
    with torch.no_grad():
        tiny_model.network.tagger.bias[0] = 9.0
    found = read(NeuralExtractor(tiny_model, full_schema, threshold=0.5))
    assert [TEXT[each.start : each.end] for each in found.mentions] == [each.text for each in found.mentions]
    assert {"She", "it", "he", "her", "they"} <= {each.text for each in found.mentions}
    assert [each.start for each in found.mentions] == sorted(each.start for each in found.mentions)
    assert (found.start, found.end) == (0, len(TEXT))


def test_relations_obey_domains_and_ranges(tiny_model: Model, full_schema: Ontology) -> None:
    mentions = [Mention(0, 3, "Ada", Label.PERSON, 1.0), Mention(15, 19, "Rome", Label.LOCATION, 1.0)]
    mentions.append(Mention(8, 11, "Bob", Label.TIME, 1.0))
    extractor = NeuralExtractor(tiny_model, full_schema, threshold=0.0)
    found = extractor.relate(document(), RuleSegmenter().segment(document()), mentions)
    assert found.relations
    assert found.attributes
    for relation in found.relations:
        assert found.mentions[relation.subject].label in full_schema.domain_labels(relation.property)
        assert found.mentions[relation.object].label in full_schema.range_labels(relation.property)
    assert {each.text for each in found.attributes} == {"Bob"}


def test_a_pronoun_has_only_what_the_name_that_it_stands_for_may_have(
    tiny_model: Model, full_schema: Ontology
) -> None:
    text = "Acme grew, and it was Ada who ran it."
    mentions = [Mention(0, 4, "Acme", Label.ORGANISATION, 1.0), Mention(15, 17, "it", Label.OTHER, 1.0)]
    mentions.append(Mention(22, 25, "Ada", Label.PERSON, 1.0))
    with torch.no_grad():
        tiny_model.network.recency_embedding.weight += 9.0
    extractor = NeuralExtractor(tiny_model, full_schema, threshold=0.0)
    found = extractor.relate(document(text), RuleSegmenter().segment(document(text)), mentions)
    assert (0, 1) in found.clusters
    assert found.mentions[1].label is Label.ORGANISATION
    of_it, of_acme = (
        {each.property for each in found.relations if each.subject == subject and each.object == 2}
        for subject in (1, 0)
    )
    assert of_it == of_acme
    assert "P112" in of_it


def test_nobody_is_both_he_and_she(tiny_model: Model, full_schema: Ontology) -> None:
    text = "Ada left. She saw him."
    spans = [(0, 3), (10, 13), (18, 21)]
    mentions = [Mention(start, end, text[start:end], Label.PERSON, 1.0) for start, end in spans]
    with torch.no_grad():
        tiny_model.network.recency_embedding.weight += 9.0
    extractor = NeuralExtractor(tiny_model, full_schema, threshold=0.5)
    given = document(text)
    [together] = extractor.relate(given, RuleSegmenter().segment(given), mentions).clusters
    assert together in ((0, 1), (0, 2))


def test_a_number_says_one_thing_of_one_entity(tiny_model: Model, full_schema: Ontology) -> None:
    text = "Rome and Oslo have 1843 people."
    mentions = [Mention(0, 4, "Rome", Label.LOCATION, 1.0), Mention(9, 13, "Oslo", Label.LOCATION, 1.0)]
    mentions.append(Mention(19, 23, "1843", Label.NUMBER, 1.0))
    extractor = NeuralExtractor(tiny_model, full_schema, threshold=0.0)
    found = extractor.relate(document(text), RuleSegmenter().segment(document(text)), mentions)
    assert found.clusters in ((), ((0, 1),))
    assert len(found.attributes) == (2 if found.clusters else 1)
    assert len({each.property for each in found.attributes}) == 1


def test_another_ontology_reads_other_properties(tiny_model: Model, full_schema: Ontology) -> None:
    born = {"P19": full_schema.properties["P19"]}
    narrow = dataclasses.replace(full_schema, properties=born)
    mentions = [Mention(0, 3, "Ada", Label.PERSON, 1.0), Mention(15, 19, "Rome", Label.LOCATION, 1.0)]
    found = NeuralExtractor(tiny_model, narrow, threshold=0.0).relate(document(), (), mentions)
    assert {each.property for each in found.relations} == {"P19"}


def test_what_is_read_does_not_depend_on_what_was_read_before(
    tiny_model: Model, full_schema: Ontology
) -> None:
    extractor = NeuralExtractor(tiny_model, full_schema, threshold=0.1)
    alone = read(extractor)
    read(extractor, "Another text of another length, about Paris. " * 9)
    assert read(extractor) == alone


def test_long_text_is_read_to_its_end(tiny_model: Model, full_schema: Ontology) -> None:
    text = "Word after word, she goes on. " * 60 + "At last he stops."
    found = read(NeuralExtractor(tiny_model, full_schema, threshold=0.99), text)
    assert found.mentions[-1].start >= text.index("At last")


def test_equal_names_that_share_no_window_are_one_entity(tiny_model: Model, full_schema: Ontology) -> None:
    text = (
        "Ada Byron left. " + "Word after word goes on and on. " * 60 + "Then the Ada Byron came back to Oslo."
    )
    places = [text.index("Ada Byron"), text.rindex("Ada Byron"), text.index("Oslo")]
    labels = [Label.PERSON, Label.PERSON, Label.LOCATION]
    mentions = [
        Mention(start, start + len(name), name, label, 1.0)
        for start, name, label in zip(places, ("Ada Byron", "Ada Byron", "Oslo"), labels, strict=True)
    ]
    given = document(text)
    found = NeuralExtractor(tiny_model, full_schema).relate(given, RuleSegmenter().segment(given), mentions)
    assert found.clusters == ((0, 1),)


def test_a_description_that_begins_a_clause_is_a_mention(tiny_model: Model, full_schema: Ontology) -> None:
    with torch.no_grad():
        tiny_model.network.tagger.bias[0] = 9.0
    text = "Alien came out. The film won a prize, and in 1980 the company sold it. They left the firm."
    found = read(NeuralExtractor(tiny_model, full_schema, threshold=0.5), text)
    assert [(each.text, each.label) for each in found.mentions if " " in each.text] == [
        ("The film", Label.OTHER),
        ("the company", Label.ORGANISATION),
    ]


def test_text_without_words_gives_nothing(tiny_model: Model, full_schema: Ontology) -> None:
    extractor = NeuralExtractor(tiny_model, full_schema)
    assert read(extractor, "").mentions == ()
    assert read(extractor, " \n\t ").mentions == ()


def test_a_saved_model_reads_the_same(tiny_model: Model, full_schema: Ontology, tmp_path: Path) -> None:
    state = {name: tensor.bfloat16().float() for name, tensor in tiny_model.network.state_dict().items()}
    tiny_model.network.load_state_dict(state)
    save_model(tiny_model, tmp_path / "model")
    modes = {(tmp_path / "model" / name).stat().st_mode for name in ("model.safetensors", "network.json")}
    assert len(modes) == 1, "whoever may read its settings may read its weights"
    again = NeuralExtractor(load_model(tmp_path / "model"), full_schema, threshold=0.1)
    assert read(again) == read(NeuralExtractor(tiny_model, full_schema, threshold=0.1))


def test_a_model_is_there_whenever_its_writing_is_killed(
    tiny_model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "model"
    save_model(tiny_model, folder)
    before = load_model(folder).digest
    with torch.no_grad():
        tiny_model.network.tagger.weight += 1.0
    rename = Path.rename

    def killed(path: Path, target: Path) -> Path:
        if target == folder:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        save_model(tiny_model, folder)
    monkeypatch.undo()
    assert load_model(folder).digest == before
    save_model(tiny_model, folder)
    assert load_model(folder).digest != before
    assert list(tmp_path.iterdir()) == [folder]


def test_damaged_and_foreign_models_are_refused(tiny_model: Model, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"network\.json is missing"):
        load_model(tmp_path)
    save_model(tiny_model, tmp_path / "model")
    config = tmp_path / "model" / "network.json"
    told = json.loads(config.read_text())
    config.write_text(json.dumps({**told, "format": 99}))
    with pytest.raises(ModelError, match="format 99"):
        load_model(tmp_path / "model")
    config.write_text(json.dumps(told))
    weights = tmp_path / "model" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(ModelError, match="cannot be used"):
        load_model(tmp_path / "model")


def test_an_unknown_precision_is_a_configuration_error(full_schema: Ontology) -> None:
    with pytest.raises(ConfigurationError, match="float16"):
        NeuralExtractor.load(ontology=full_schema, precision="float16")


def test_inference_leaves_no_gradients(tiny_model: Model, full_schema: Ontology) -> None:
    read(NeuralExtractor(tiny_model, full_schema))
    assert all(parameter.grad is None for parameter in tiny_model.network.parameters())
    assert not torch.is_inference_mode_enabled()
