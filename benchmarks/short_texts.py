"""How much of what is read of short texts is true: passages of one to three sentences, cut from Re-DocRED.

    python benchmarks/short_texts.py [DATA/redocred/dev.json.gz] [--first 250] [--every 3] [--model M]

Passages are read from raw text. A fact counts where both its ends overlap mentions of one gold entity
each, and its property is one that Re-DocRED annotates: it is true when the document states it anywhere (so
precision is told generously), and found when its evidence lies in the passage. Beside these stand facts of
properties that Re-DocRED does not annotate, and facts with an end that is no gold entity (mostly
pronouns), both per 100 passages: nothing says whether they are true, but a reader that states many of them
guesses.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kgbuild import wiring
from kgbuild.cli.options import with_model
from kgbuild.config import Settings
from kgbuild.records import Document, Extraction
from kgbuild.text.sentences import RuleSegmenter
from kgbuild.train.datasets.redocred import passages, read_rows
from kgbuild.train.examples import Example, Fact

DEV = Path(__file__).resolve().parents[2] / "shared" / "data" / "redocred" / "dev.json.gz"

Span = tuple[int, int]


def main() -> None:
    """Read passages, and print a table."""
    options = arguments()
    if not options.data.is_file():
        raise SystemExit(f"{options.data} is missing; give the path of Re-DocRED's dev.json.gz")
    settings = with_model(Settings(), options.model)
    extractor = wiring.extractor(settings.model, settings.ontology, None)
    segmenter = RuleSegmenter()
    counts: Counter[str] = Counter()
    for example in chosen(options.data, options.first, options.every):
        document = Document(example.id, "", example.text)
        counts += judged(example, extractor.extract(document, segmenter.segment(document)))
    print(table(counts))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=DEV)
    parser.add_argument("--first", type=int, default=250, help="the first document that is read")
    parser.add_argument("--every", type=int, default=3, help="read one passage in so many")
    parser.add_argument("--model", type=Path, help="a model directory, or fast; default: the shipped model")
    return parser.parse_args()


def chosen(path: Path, first: int, every: int) -> list[Example]:
    """The passages to read."""
    rows = read_rows(path)[first:]
    annotated = frozenset(label.r for row in rows for label in row.labels)
    return [each for row in rows for each in passages(row, annotated, str(path))][::every]


def judged(example: Example, read: Extraction) -> Counter[str]:
    """What was read of a passage, counted by what the annotation says of it."""
    told = set(example.facts)
    stated = told | set(example.unknown)
    counts: Counter[str] = Counter(passages=1, told=len(told))
    found: set[Fact] = set()
    for subject, name, object_ in facts(read):
        if name not in example.annotated:
            counts["other"] += 1
            continue
        one, other = entity(example, subject), entity(example, object_)
        if one is None or other is None:
            counts["loose"] += 1
        else:
            found.add(Fact(one, name, other))
    return counts + Counter(emitted=len(found), true=len(found & stated), found=len(found & told))


def facts(read: Extraction) -> Iterator[tuple[Span, str, Span]]:
    """Relations and attributes as spans and a property."""
    spans = [(each.start, each.end) for each in read.mentions]
    for relation in read.relations:
        yield spans[relation.subject], relation.property, spans[relation.object]
    for attribute in read.attributes:
        yield spans[attribute.subject], attribute.property, (attribute.start, attribute.end)


def entity(example: Example, span: Span) -> int | None:
    """The one gold entity with a mention that overlaps the span."""
    found = {each.entity for each in example.mentions if each.start < span[1] and span[0] < each.end}
    return found.pop() if len(found) == 1 else None


def table(counts: Counter[str]) -> str:
    share = 100 / counts["passages"]
    return "\n".join(
        [
            f"{counts['passages']:,} passages, which tell {counts['told']:,} facts",
            f"  precision, by the document  {counts['true'] / max(counts['emitted'], 1):7.3f}",
            f"  recall of what they tell    {counts['found'] / max(counts['told'], 1):7.3f}",
            f"per 100 passages: {share * counts['other']:.0f} facts of properties that are not annotated, "
            f"{share * counts['loose']:.0f} of ends that are no entity",
        ]
    )


if __name__ == "__main__":
    main()
