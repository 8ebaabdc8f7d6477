"""Cut FewRel into the properties that a split trains on and those that it never sees.

python recipes/fewrel_split.py FEWREL OUT [SEED]

OUT/seen/ gets the sentences of 64 properties and OUT/unseen/ those of 16; kgbuild.evaluate.fewrel
says how a seed chooses them, and which seeds scores are quoted over.
"""

import gzip
import json
import sys
from pathlib import Path

from kgbuild.evaluate.fewrel import UNSEEN, by_seed
from kgbuild.train.datasets.files import files, read_bytes


def main(source: str, out: str, seed: str = "1") -> None:
    """Write both parts, lines as they are."""
    lines = [
        (json.loads(line)["pid"], line)
        for file in files(Path(source), "*.jsonl*")
        for line in read_bytes(file).splitlines()
        if line.strip()
    ]
    unseen = frozenset(by_seed({name for name, _ in lines}, int(seed))[:UNSEEN])
    for part, kept in (("seen", False), ("unseen", True)):
        folder = Path(out) / part
        folder.mkdir(parents=True, exist_ok=True)
        chosen = [line for name, line in lines if (name in unseen) is kept]
        (folder / f"{part}.jsonl.gz").write_bytes(gzip.compress(b"\n".join(chosen) + b"\n", mtime=0))
        print(f"{folder}: {len(chosen):,} sentences")


if __name__ == "__main__":
    main(*sys.argv[1:])
