"""A small world for tests: a schema, and documents that agree, disagree, copy and qualify."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from kgbuild.iris import Iris
from kgbuild.ontology import Ontology, Property, ValueKind
from kgbuild.records import (
    Document,
    DocumentFacts,
    Entity,
    EntityMention,
    Evidence,
    ItemValue,
    Label,
    Mention,
    QuantityValue,
    Rejection,
    Revision,
    Statement,
    TimeValue,
    Value,
)
from kgbuild.stores.oxigraph import OxigraphStore

# how long an example takes is the machine's affair: a busy one is no failure
settings.register_profile("kgbuild", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kgbuild")

BORN, BORN_ON, EMPLOYER, INHABITANTS, TYPE = "P19", "P569", "P108", "P1082", "P31"
PEOPLE = {
    "Q937": Entity("Q937", "Albert Einstein", ("Einstein",), "physicist", ("Q5",)),
    "Q3012": Entity("Q3012", "Ulm", ("Ulm an der Donau",), "city in Germany", ("Q515",)),
    "Q72": Entity("Q72", "Zürich", (), "city in Switzerland", ("Q515",)),
    "Q11942": Entity("Q11942", "ETH Zürich", ("ETH",), "university", ()),
}


def _property(pid: str, label: str, kind: ValueKind, *, functional: bool = False) -> Property:
    iri = f"http://www.wikidata.org/entity/{pid}"
    return Property(pid, iri, label, f"{label} of it", (), kind, (), (), None, False, functional, ())


@pytest.fixture(scope="session")
def schema() -> Ontology:
    """Two properties of one value, and three of many."""
    properties = (
        _property(BORN, "place of birth", ValueKind.ITEM, functional=True),
        _property(BORN_ON, "date of birth", ValueKind.TIME, functional=True),
        _property(EMPLOYER, "employer", ValueKind.ITEM),
        _property(INHABITANTS, "population", ValueKind.QUANTITY),
        _property(TYPE, "instance of", ValueKind.ITEM),
    )
    return Ontology({each.id: each for each in properties}, {}, "schema-1")


@pytest.fixture(scope="session")
def iris() -> Iris:
    """The default names."""
    return Iris()


@pytest.fixture
def store() -> OxigraphStore:
    """An empty store in memory."""
    return OxigraphStore()


def facts(
    name: str,
    sentence: str,
    *claims: tuple[str, str, Value],
    score: float = 0.8,
    qualifiers: tuple[tuple[str, Value], ...] = (),
) -> DocumentFacts:
    """What a document of one sentence says; every claim is read from that sentence."""
    uri = Iris().document("tests", name)
    text = f"Some words first. {sentence} And some after."
    start = text.index(sentence)
    evidence = Evidence(name, start, start + len(sentence), sentence, score, "pattern 1")
    named = [
        EntityMention(
            Mention(
                text.index(entity.label),
                text.index(entity.label) + len(entity.label),
                entity.label,
                Label.OTHER,
                0.9,
            ),
            entity.id,
            0.7,
        )
        for entity in PEOPLE.values()
        if entity.label in text
    ]
    entities = {each.entity: PEOPLE[each.entity] for each in named}
    return DocumentFacts(
        document=Document(name, uri, text, title=name.title(), language="en"),
        revision=Revision(f"hash of {name}", "reader 1", "pattern 1", "linker 1", "schema-1"),
        mentions=tuple(named),
        entities=tuple(entities.values()),
        statements=tuple(Statement(*claim, qualifiers, 0.0, (evidence,)) for claim in claims),
        rejections=(Rejection("check", name, "domain", "a city has no employer"),)
        if "refused" in name
        else (),
    )


@pytest.fixture(scope="session")
def corpus() -> tuple[DocumentFacts, ...]:
    """Six documents about one life; the third contradicts, the fourth copies the first."""
    born = ("Q937", BORN, ItemValue("Q3012"))
    first = "Albert Einstein was born in Ulm in 1879."
    return (
        facts("one.txt", first, born, ("Q937", BORN_ON, TimeValue(1879))),
        facts("two.txt", "Ulm is where Albert Einstein came into the world.", born, score=0.6),
        facts(
            "three.txt", "Albert Einstein was born in Zürich.", ("Q937", BORN, ItemValue("Q72")), score=0.7
        ),
        facts(
            "copy.txt",
            "Albert Einstein was born, in Ulm, in 1879",
            born,
        ),
        facts(
            "five-refused.txt",
            "Albert Einstein worked at ETH Zürich from 1912.",
            ("Q937", EMPLOYER, ItemValue("Q11942")),
            qualifiers=(("P580", TimeValue(1912)),),
        ),
        facts(
            "six.txt",
            "Ulm has 128928 inhabitants, of whom Albert Einstein, a human, was one.",
            ("Q3012", INHABITANTS, QuantityValue(Decimal(128928))),
            ("Q937", TYPE, ItemValue("Q5")),
        ),
    )


@pytest.fixture(scope="session")
def tiny_encoder():
    """A tokenizer of single letters, framed as BERT's is."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    from kgbuild.extract.encode import TextEncoder

    letters = [chr(number) for number in range(33, 127)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *("##" + letter for letter in letters)]
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=500))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return TextEncoder(tokenizer)


@pytest.fixture
def tiny_model(tiny_encoder):
    """An untrained network two layers deep, the same every time."""
    import torch
    from transformers import BertConfig, BertModel

    from kgbuild.extract.attention import ATTENTION
    from kgbuild.extract.model import Model, ModelConfig
    from kgbuild.extract.network import JointNetwork, NetworkConfig

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=192,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        attn_implementation=ATTENTION,
    )
    sizes = NetworkConfig(width=16, attention=8, attention_heads=2, between=8, coreference=8)
    network = JointNetwork(BertModel(config, add_pooling_layer=False), sizes).eval()
    return Model(
        network, tiny_encoder, ModelConfig(1, "tiny", sizes, window=48, overlap=8, stride=12), "untrained"
    )


@pytest.fixture(scope="session")
def sparql_server() -> Callable[..., AbstractContextManager[str]]:
    """Starts an Oxigraph server with these options, in memory; gives its address."""
    return _server


@contextmanager
def _server(*options: str) -> Iterator[str]:
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")
    if program is None:
        pytest.skip("the Oxigraph server is not installed: pip install oxigraph")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [program, "serve", "--bind", f"127.0.0.1:{port}", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the Oxigraph server did not start in ten seconds")
