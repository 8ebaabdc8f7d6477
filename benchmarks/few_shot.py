"""Few-shot: what 5, 20 and 50 annotated sentences of a new property give, and what they cost the others.

    python benchmarks/few_shot.py ../shared/data [--out runs/few-shot] [--recipe recipes/few-shot.toml]

The properties are those of few_shot.ttl, which the shipped model was never trained on; the sentences are
Text2KGBench's (Wikidata-TekGen) whose subject and object stand in the text. By a hash of the text, 16
of each property are held out, and the first 5, 20 and 50 of the others train, written as annotations
(docs/data.md). Held-out sentences are read from raw text; a fact is right when its property is and both
spans overlap the gold ones. Beside it stand the model's scores on what it knew before: KnowledgeNet's
development documents, raw text, and the last documents of Re-DocRED's development file, gold mentions.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from kgbuild.evaluate.counts import Counts, total
from kgbuild.evaluate.knowledgenet import Triple, hits
from kgbuild.evaluate.report import Options, Task
from kgbuild.evaluate.scorers import evaluate
from kgbuild.extract.extractor import NeuralExtractor
from kgbuild.ontology import load_ontology
from kgbuild.records import Document
from kgbuild.text.sentences import RuleSegmenter
from kgbuild.train.config import DataConfig, read_recipe
from kgbuild.train.data import kept_for_development
from kgbuild.train.datasets.annotations import FactRow, MentionRow, TextRow
from kgbuild.train.datasets.files import files, read_bytes
from kgbuild.train.datasets.text2kgbench import find, read_sentences
from kgbuild.train.run import run

ONTOLOGY = Path(__file__).with_name("few_shot.ttl")
TYPES = {
    "P65": ("other", "location"),
    "P450": ("person", "other"),
    "P1532": ("person", "location"),
    "P3137": ("location", "location"),
    "P110": ("other", "person"),
    "P144": ("other", "other"),
    "P885": ("location", "location"),
    "P1142": ("organisation", "other"),
}
"""What a person who annotates would call the subject and the object of each property."""
MEASURED, CHOSEN_ON = tuple(TYPES)[:4], tuple(TYPES)[4:]
HELD_OUT = 16
SEGMENTER = RuleSegmenter()


def rows(suite: Path, properties: Sequence[str]) -> dict[str, list[TextRow]]:
    """Annotated sentences of each property, by a hash of their text; each text once."""
    found: dict[str, dict[str, TextRow]] = {name: {} for name in properties}
    for sentence in read_sentences(suite):
        ids = {relation.label.strip(): relation.pid for relation in sentence.ontology.relations}
        for triple in sentence.triples:
            name = ids.get(triple.rel.strip(), "")
            ends = (find(triple.sub, sentence.text), find(triple.obj, sentence.text))
            if name not in found or not ends[0] or not ends[1]:
                continue
            if ends[0][1] <= ends[1][0] or ends[1][1] <= ends[0][0]:
                mentions = tuple(
                    MentionRow(*end, label) for end, label in zip(ends, TYPES[name], strict=True)
                )
                found[name][sentence.text] = TextRow(
                    sentence.id, sentence.text, mentions, (FactRow(0, name, 1),), tuple(properties), "partial"
                )
    return {
        name: sorted(each.values(), key=lambda row: hashlib.sha256(row.text.encode()).hexdigest())
        for name, each in found.items()
    }


def held_out_score(
    extractor: NeuralExtractor, held: Iterable[TextRow], properties: Sequence[str]
) -> dict[str, Counts]:
    """Counts of each property over the held-out sentences of all, read from raw text."""
    right, predicted, gold = (dict.fromkeys(properties, 0) for _ in range(3))
    for row in held:
        document = Document(row.id, "", row.text)
        read = extractor.extract(document, SEGMENTER.segment(document))
        spans = [(each.start, each.end) for each in read.mentions]
        told: list[Triple] = [
            (each.property, spans[each.subject], spans[each.object])
            for each in read.relations
            if each.property in properties
        ]
        (fact,) = row.facts
        subject, object_ = ((each.start, each.end) for each in row.mentions)
        gold[fact.property] += 1
        for each, hit in zip(told, hits(told, [(fact.property, subject, object_)]), strict=True):
            predicted[each[0]] += 1
            right[each[0]] += hit
    return {name: Counts(right[name], predicted[name], gold[name]) for name in properties}


def known_sets(data: Path, out: Path, documents: int) -> dict[str, Path]:
    """Files of what the model knew before: documents that trained nothing."""
    lines = [
        line
        for file in files(data / "knowledgenet", "*.jsonl*")
        for line in read_bytes(file).splitlines()
        if line.strip() and kept_for_development(json.loads(line)["document"], 10)
    ]
    redocred = json.loads(read_bytes(data / "redocred" / "dev.json.gz"))[-documents:]
    found = {"knowledgenet": out / "knowledgenet.jsonl", "redocred": out / "redocred.json"}
    found["knowledgenet"].write_bytes(b"\n".join(lines) + b"\n")
    found["redocred"].write_text(json.dumps(redocred))
    return found


def line(name: str, model: Path | None, args: argparse.Namespace, held: Sequence[TextRow]) -> str:
    """One row of the table."""
    extractor = NeuralExtractor.load(model, ontology=load_ontology(ONTOLOGY))
    counts = held_out_score(extractor, held, args.properties)
    cells = [f"{counts[each].f1:.3f}" for each in args.properties]
    both = total(counts.values())
    cells += [f"{both.precision:.3f}", f"{both.recall:.3f}", f"{both.f1:.3f}"]
    plain = NeuralExtractor.load(model, ontology=load_ontology())
    for dataset, path in args.known.items():
        options = Options(gold_mentions=dataset == "redocred")
        cells.append(f"{evaluate(dataset, Task(path, plain, SEGMENTER, options)).report.headline['f1']:.4f}")
    return f"{name:>9}  " + "  ".join(f"{cell:>7}" for cell in cells)


def train(size: int, args: argparse.Namespace, sentences: dict[str, list[TextRow]]) -> Path:
    """Train by the recipe on so many sentences of each property; the model's folder."""
    file = args.out / f"sentences-{size}.jsonl.gz"
    chosen = [row for each in sentences.values() for row in each[HELD_OUT : HELD_OUT + size]]
    file.write_bytes(gzip.compress(b"\n".join(map(msgspec.json.encode, chosen)) + b"\n", mtime=0))
    recipe = read_recipe(args.recipe)
    own, *others = recipe.data
    own = msgspec.structs.replace(own, format="annotations", path=str(file.resolve()))
    config = msgspec.structs.replace(
        recipe,
        data=[own, *(_under(args.data, each) for each in others)],
        ontology=str(ONTOLOGY),
        output=str(args.out / f"model-{size}"),
        start_from=str(args.model) if args.model else recipe.start_from,
    )
    run(config, lambda _progress: None, lambda *_scores: None)
    return Path(config.output)


def _under(data: Path, spec: DataConfig) -> DataConfig:
    return msgspec.structs.replace(spec, path=str((data / spec.path).resolve()))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/few-shot"))
    parser.add_argument("--recipe", type=Path, default=Path("recipes/few-shot.toml"))
    parser.add_argument("--model", type=Path, help="folder to start from, in place of the recipe's")
    parser.add_argument("--sizes", type=int, nargs="*", default=[5, 20, 50])
    parser.add_argument("--documents", type=int, default=50, help="of Re-DocRED, to score what was known")
    parser.add_argument("--choose", action="store_true", help="the properties to choose rates on")
    args = parser.parse_args()
    args.properties = CHOSEN_ON if args.choose else MEASURED
    args.out.mkdir(parents=True, exist_ok=True)
    args.known = known_sets(args.data, args.out, args.documents) if args.documents else {}
    sentences = rows(args.data / "text2kgbench" / "wikidata_tekgen", args.properties)
    held = [row for each in sentences.values() for row in each[:HELD_OUT]]
    print(
        f"{'sentences':>9}  "
        + "  ".join(f"{name:>7}" for name in (*args.properties, "P", "R", "F1", *args.known))
    )
    print(line("0", args.model, args, held), flush=True)
    for size in args.sizes:
        print(line(str(size), train(size, args, sentences), args, held), flush=True)


if __name__ == "__main__":
    main()
