"""The same bytes in every process, whatever its hash seed and the order of what it merges."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

SCRIPT = """
import hashlib, pickle, random, sys
from pathlib import Path
from kgbuild.export import ExportFormat, export
from kgbuild.graph import merge
from kgbuild.iris import Iris
from kgbuild.stores.oxigraph import OxigraphStore

folder, seed = Path(sys.argv[1]), sys.argv[2]
corpus, schema = pickle.loads((folder / "corpus.pickle").read_bytes())
random.Random(seed).shuffle(corpus)
store = OxigraphStore()
merge(store, corpus, ontology=schema, iris=Iris())
store.update("INSERT DATA { GRAPH <urn:mine> { _:a <urn:b> _:c . _:c <urn:b> 1 } <urn:a> <urn:b> _:d }")
for format in ExportFormat:
    path = folder / f"{seed}.{format}"
    export(store, path, iris=Iris())
    print(format, hashlib.sha256(path.read_bytes()).hexdigest())
"""


def test_exports_do_not_depend_on_the_process(corpus: Any, schema: Any, tmp_path: Path) -> None:
    (tmp_path / "corpus.pickle").write_bytes(pickle.dumps((list(corpus), schema)))
    printed = set()
    for seed in ("0", "1", "42"):
        result = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(tmp_path), seed],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        printed.add(result.stdout)
    assert len(printed) == 1
    assert len(printed.pop().splitlines()) == 8
