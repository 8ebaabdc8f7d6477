"""Build the sample knowledge base in the package from tables and the names in a corpus.

python recipes/sample_kb.py TABLES [CORPUS [OUT]]
"""

import sys
from pathlib import Path

from kgbuild.iris import Iris
from kgbuild.link.kb.sample import build_sample
from kgbuild.records import Document
from kgbuild.sources.files import FileSource


def main(tables: str, corpus: str = "sample_corpus", out: str = "kgbuild/data/kb/sample") -> None:
    """Read the corpus as a build does, and choose the items that its names may mean."""
    read = FileSource(corpus, iris=Iris()).documents()
    meta = build_sample(Path(tables), [item.text for item in read if isinstance(item, Document)], Path(out))
    print(f"{out}: {meta.entities:,} entities, {meta.names:,} names")


if __name__ == "__main__":
    main(*sys.argv[1:])
