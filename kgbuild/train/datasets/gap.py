"""GAP (Webster et al., TACL 2018): an ambiguous pronoun and two names, one of them its antecedent."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from kgbuild.errors import DatasetError
from kgbuild.records import Label
from kgbuild.train.datasets.files import read_bytes
from kgbuild.train.examples import AnnotatedMention, Example, Scope, Tagging


def read_gap(path: Path) -> Iterator[Example]:
    """An example for each row whose pronoun refers to one of the two names."""
    table = csv.DictReader(io.StringIO(read_bytes(path).decode()), delimiter="\t", quoting=csv.QUOTE_NONE)
    for number, row in enumerate(table, 2):
        try:
            starts = [int(row[f"{name}-offset"]) for name in ("A", "B", "Pronoun")]
            right = [row[f"{name}-coref"].upper() == "TRUE" for name in ("A", "B")]
            texts = [row[name] for name in ("A", "B", "Pronoun")]
            text = row["Text"]
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise DatasetError(f"{path}:{number}: not a row of GAP ({error})") from error
        if not any(right):
            continue
        entities = [0 if right[0] else 1, 0 if right[1] else 1, 0]
        mentions = sorted(
            (start, start + len(name), entity)
            for start, name, entity in zip(starts, texts, entities, strict=True)
        )
        yield Example(
            id=row.get("ID", str(number)),
            text=text,
            mentions=tuple(AnnotatedMention(a, b, Label.PERSON, entity) for a, b, entity in mentions),
            scope=Scope.MENTION,
            tagging=Tagging.NONE,
        )
