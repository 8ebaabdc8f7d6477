"""Cut a development split from Text2KGBench's training files, and write an ontology to train with.

python recipes/text2kgbench_split.py TEST_SUITE OUT [DIVISOR]

TEST_SUITE is wikidata_tekgen or dbpedia_webnlg. OUT/train and OUT/dev get the sentences in files
of the same form, one sentence in DIVISOR (10) for development, by a hash of its text: a sentence
that stands in several files goes the same way in all. OUT/ontologies gets the ontologies, and
OUT/ontology.ttl those of their properties that kgbuild's own ontology does not have, after it.
"""

import gzip
import hashlib
import json
import shutil
import sys
from importlib import resources
from pathlib import Path

from kgbuild.iris import entity_iri
from kgbuild.ontology import Ontology, ValueKind, load_ontology
from kgbuild.train.datasets.files import files, read_bytes
from kgbuild.train.datasets.text2kgbench import ontology_of, read_ontologies

TYPES = {ValueKind.ITEM: "WikibaseItem", ValueKind.TIME: "Time", ValueKind.QUANTITY: "Quantity"}


def main(source: str, out: str, divisor: str = "10") -> None:
    """Write sentences, ontologies and the joint ontology."""
    suite, target = Path(source), Path(out)
    for file in files(suite / "train", "*.jsonl*"):
        parts: dict[str, list[bytes]] = {"train": [], "dev": []}
        for line in filter(None, map(bytes.strip, read_bytes(file).splitlines())):
            digest = hashlib.sha256(json.loads(line)["sent"].encode()).hexdigest()
            parts["train" if int(digest, 16) % int(divisor) else "dev"].append(line)
        for part, lines in parts.items():
            (target / part).mkdir(parents=True, exist_ok=True)
            name = file.name.removesuffix(".gz") + ".gz"
            (target / part / name).write_bytes(gzip.compress(b"\n".join(lines) + b"\n", mtime=0))
    shutil.copytree(suite / "ontologies", target / "ontologies", dirs_exist_ok=True)
    own = resources.files("ontologies").joinpath("kgbuild.ttl").read_text(encoding="utf-8")
    (target / "ontology.ttl").write_text(own + _missing(suite, load_ontology()), encoding="utf-8")


def _missing(suite: Path, known: Ontology) -> str:
    """Declarations of the properties that kgbuild's ontology lacks."""
    found = {}
    for row in read_ontologies(suite):
        for name, each in ontology_of(row, known).properties.items():
            if name not in known.properties:
                label, text = json.dumps(each.label), json.dumps(each.description)
                found[name] = (
                    f"\n<{entity_iri(name)}> a wikibase:Property ;\n"
                    f"    wikibase:propertyType wikibase:{TYPES[each.kind]} ;\n"
                    f"    rdfs:label {label}@en ; schema:description {text}@en .\n"
                )
    return "".join(found[name] for name in sorted(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
