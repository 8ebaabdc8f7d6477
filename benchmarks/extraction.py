"""Speed and memory of the extractor on whole documents, against a spaCy entity recogniser.

    python benchmarks/extraction.py [--threads 1] [--rounds 3] [--epochs 2] [--scale 1 4 16] [--model M ...]

All read the same sentences of sample_corpus on the same threads in the same run, turn by turn; of the rounds
the best counts. Ours reads whole documents, one after another, and finds mentions, relations, attributes and
coreference; spaCy's finds entities (HashEmbedCNN.v2, width 96, depth 4; batches of 1,000 sentences), trained
on the entities of Re-DocRED's train part where ../shared/data has it. Words are what white space parts.
Seconds are of the processor, all threads together, so that other programs disturb less.

Then the corpus is read 1, 4 and 16 times over, and one document of 1, 4 and 16 times the length, each in a
process of its own: the time a word takes should stay, and for the corpus the peak memory too.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.training import Example

from kgbuild import wiring
from kgbuild.cli.options import with_model
from kgbuild.config import Settings
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.extract.shipped import FOLDERS
from kgbuild.records import Document, Rejection, Sentence
from kgbuild.train.datasets.redocred import TYPES, DocumentRow, read_rows

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "sample_corpus"
LONG = CORPUS / "long"
TRAIN = ROOT.parent / "shared" / "data" / "redocred" / "train_part.json.gz"
SENTENCES_AT_ONCE = 1000
WARM_UP = 5

Texts = list[tuple[Document, tuple[Sentence, ...]]]


def main() -> None:
    """Measure, and print a table."""
    options = arguments()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    context = multiprocessing.get_context("spawn")
    for work, given in runs(options):
        with context.Pool(1) as pool:
            print(pool.apply(work, given), flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2, help="of the spaCy recogniser's training")
    parser.add_argument("--scale", type=int, nargs="*", default=[1, 4, 16])
    parser.add_argument(
        "--model",
        nargs="+",
        default=list(FOLDERS),
        help="model directories, or names of models in the package; default: all of these",
    )
    return parser.parse_args()


def compare(options: argparse.Namespace) -> str:
    """All by turns: words a second, the ratios, and where our seconds go."""
    texts = corpus()
    words = sum(len(document.text.split()) for document, _ in texts)
    ours = {name: extractor(options, name) for name in options.model}
    trained, recogniser = cnn(options.epochs)
    lines = [sentence.text for _, sentences in texts for sentence in sentences]
    for each in ours.values():
        read(each, texts[:WARM_UP])
    own: dict[str, list[float]] = {name: [] for name in ours}
    other = []
    for _ in range(options.rounds):
        for name, each in ours.items():
            own[name].append(seconds(lambda each=each: read(each, texts)))
        other.append(seconds(lambda: tag(recogniser, lines)))
    segmenter = wiring.segmenter()
    split = min(
        seconds(lambda: [segmenter.segment(document) for document, _ in texts]) for _ in range(options.rounds)
    )
    cnn_speed = words / min(other)
    told = [
        f"{len(texts)} documents, {words} words, {options.threads} thread(s), words a second:",
        f"  spaCy CNN, {trained:13} {cnn_speed:9,.0f}",
    ]
    for name, each in ours.items():
        speed, whole = words / min(own[name]), words / (min(own[name]) + split)
        told += [
            f"model {name}:",
            f"  sentences and extraction {whole:9,.0f}",
            f"  extraction               {speed:9,.0f}",
            f"  ratio of extraction to spaCy's CNN: {speed / cnn_speed:.2f} "
            f"(with sentences {whole / cnn_speed:.2f})",
            *parts(each, texts, split),
        ]
    return "\n".join(told)


def runs(options: argparse.Namespace) -> Iterator[tuple[Callable[..., str], tuple[Any, ...]]]:
    """The comparison, and the runs on more and more text, each for a process of its own."""
    yield compare, (options,)
    for scale in options.scale:
        yield grow, (options, scale)
    for scale in options.scale:
        yield lengthen, (options, scale)


def grow(options: argparse.Namespace, scale: int) -> str:
    """The corpus, read several times over by the first model."""
    texts = corpus()
    ours = extractor(options, options.model[0])
    read(ours, texts[:WARM_UP])
    spent = seconds(lambda: read(ours, itertools.chain.from_iterable(itertools.repeat(texts, scale))))
    words = scale * sum(len(document.text.split()) for document, _ in texts)
    return row(f"corpus x {scale}", words, spent)


def lengthen(options: argparse.Namespace, scale: int) -> str:
    """One document, several times as long, read by the first model."""
    (given, _), *_ = corpus(LONG)
    document = replace(given, text="\n\n".join([given.text] * scale))
    ours = extractor(options, options.model[0])
    read(ours, corpus(LONG)[:1])
    sentences = wiring.segmenter().segment(document)
    spent = seconds(lambda: read(ours, [(document, sentences)]))
    return row(f"document x {scale}", len(document.text.split()), spent)


def row(name: str, words: int, spent: float) -> str:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    each = 1e6 * spent / words
    return f"{name:14} {words:8,} words {spent:7.1f} s {each:6.0f} µs a word, peak {peak:6,.0f} MB"


def parts(ours: NeuralExtractor, texts: Texts, split: float) -> list[str]:
    """Seconds by part of the extractor, each without the parts inside it."""
    spent: Counter[str] = Counter()
    inside: list[float] = []

    def timed(owner: object, name: str, part: str) -> None:
        function = getattr(owner, name)

        def run(*given: Any, **named: Any) -> Any:
            inside.append(0.0)
            start = time.process_time()
            result = function(*given, **named)
            whole = time.process_time() - start
            spent[part] += whole - inside.pop()
            if inside:
                inside[-1] += whole
            return result

        setattr(owner, name, run)

    network = ours.model.network
    timed(ours, "extract", "the rest")
    timed(ours.model.text_encoder, "tokens", "tokens")
    timed(network, "encode", "encoder")
    timed(ours.scorer, "facts", "pairs")
    timed(ours.scorer, "allowed", "filter of pairs")
    timed(ours.chain, "spans", "tagging")
    for name, part in (
        ("tags", "tagging"),
        ("mentions", "mention vectors"),
        ("coreference", "coreference"),
    ):
        timed(network, name, part)
    read(ours, texts)
    spent["sentences"] = split
    total = sum(spent.values())
    return [f"  {part:16} {each:6.2f} s {each / total:4.0%}" for part, each in spent.most_common()]


def corpus(folder: Path = CORPUS) -> Texts:
    """The documents that can be read, with their sentences."""
    settings = Settings()
    documents = [
        each for each in wiring.source(str(folder), settings).documents() if not isinstance(each, Rejection)
    ]
    segmenter = wiring.segmenter()
    return [(document, segmenter.segment(document)) for document in documents]


def extractor(options: argparse.Namespace, model: str) -> NeuralExtractor:
    settings = Settings()
    chosen = with_model(settings, Path(model)).model
    return wiring.extractor(replace(chosen, threads=options.threads), settings.ontology, None)


def read(ours: NeuralExtractor, texts: Iterator[Any] | Texts) -> None:
    for document, sentences in texts:
        ours.extract(document, sentences)


def tag(recogniser: Language, lines: Sequence[str]) -> None:
    for _ in recogniser.pipe(lines, batch_size=SENTENCES_AT_ONCE):
        pass


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def cnn(epochs: int) -> tuple[str, Language]:
    """A spaCy recogniser of our six types, and whether it is trained."""
    nlp = spacy.blank("en")
    nlp.add_pipe(
        "ner",
        config={
            "model": {
                "@architectures": "spacy.TransitionBasedParser.v2",
                "state_type": "ner",
                "extra_state_tokens": False,
                "hidden_width": 64,
                "maxout_pieces": 2,
                "use_upper": True,
                "tok2vec": {
                    "@architectures": "spacy.HashEmbedCNN.v2",
                    "width": 96,
                    "depth": 4,
                    "embed_size": 2000,
                    "window_size": 1,
                    "maxout_pieces": 3,
                    "subword_features": True,
                    "pretrained_vectors": None,
                },
            }
        },
    )
    rows = read_rows(TRAIN) if TRAIN.exists() and epochs else []
    examples = [example for document in rows for example in annotated(nlp, document)]
    sample = examples[:200] or [
        Example.from_dict(nlp.make_doc("A b"), {"entities": [(0, 1, str(label))]}) for label in TYPES.values()
    ]
    optimizer = nlp.initialize(lambda: sample)
    for _ in range(epochs if examples else 0):
        for at in range(0, len(examples), 64):
            nlp.update(examples[at : at + 64], sgd=optimizer, drop=0.1)
    return ("trained" if examples else "not trained"), nlp


def annotated(nlp: Language, document: DocumentRow) -> Iterator[Example]:
    """A document's sentences with their mentions."""
    from spacy.tokens import Doc

    for number, words in enumerate(document.sents):
        doc = Doc(nlp.vocab, words=words)
        tags = ["O"] * len(words)
        for mention in (each for group in document.vertexSet for each in group if each.sent_id == number):
            first, last = mention.pos
            if first < last and set(tags[first:last]) == {"O"}:
                label = TYPES[mention.type]
                tags[first:last] = [f"B-{label}"] + [f"I-{label}"] * (last - first - 1)
        yield Example.from_dict(doc, {"entities": tags})


if __name__ == "__main__":
    main()
