"""Given mentions are read as the extractor reads its own."""

from kgbuild.evaluate.linking_reader import ExtractingReader
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.model import Model
from kgbuild.ontology import load_ontology
from kgbuild.records import Document, Label, Mention
from kgbuild.text.sentences import RuleSegmenter

TEXT = "Ann Lee was a judge in Paris. Later she taught mathematics."
DOCUMENT = Document("d", "urn:d", TEXT)


def mention(text: str) -> Mention:
    start = TEXT.index(text)
    return Mention(start, start + len(text), text, Label.OTHER, 0.0)


def test_given_mentions_get_vectors_and_nothing_else(tiny_model: Model) -> None:
    reader = ExtractingReader(NeuralExtractor(tiny_model, load_ontology()), RuleSegmenter())
    given = [mention("judge"), mention("she"), mention("mathematics")]
    found = reader.locate(DOCUMENT, given)
    assert [(each.text, each.label, each.score) for each in found] == [
        (each.text, each.label, each.score) for each in given
    ]
    assert len({each.vector for each in found}) == 3
    again = {(each.start, each.end): each.vector for each in reader.read(DOCUMENT).mentions}
    same = reader.locate(DOCUMENT, [Mention(*span, TEXT[slice(*span)], Label.OTHER, 0.0) for span in again])
    assert [each.vector for each in same] == list(again.values())
