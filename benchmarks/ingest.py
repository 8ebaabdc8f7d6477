"""Speed and memory of reading and segmenting, by format, on generated files.

    python benchmarks/ingest.py [--documents 500] [--words 600] [--scale 1 4]

For each format a folder of equal documents is written, read and split into sentences. One line each:
documents and megabytes of text a CPU second, sentences a CPU second after reading, and the peak memory
of the process that did it. With several scales the peaks show whether memory grows with the corpus.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from kgbuild.iris import Iris
from kgbuild.records import Document
from kgbuild.sources.files import FileSource
from kgbuild.text.sentences import RuleSegmenter

NAMES = ["Ann Lee", "Dr. Smith", "J. R. R. Tolkien", "Acme Inc.", "Marie Curie", "the University of Leeds"]
DEEDS = ["was born in", "works for", "moved to", "founded a school in", "wrote about", "won a prize in"]
PLACES = ["Rome", "the U.S.", "Berlin", "Leeds", "New York", "Washington, D.C.,", "Köln", "São Paulo"]
FORMATS = ("txt", "md", "html", "pdf", "docx", "jsonl", "csv")


def paragraphs(chance: random.Random, words: int) -> list[str]:
    """Paragraphs of about five sentences, `words` words in all."""
    found: list[str] = []
    while sum(len(paragraph.split()) for paragraph in found) < words:
        found.append(
            " ".join(
                f"{chance.choice(NAMES)} {chance.choice(DEEDS)} {chance.choice(PLACES)} "
                f"in {chance.randint(1800, 2020)}, and was paid {chance.randint(2, 900)}.5 million dollars."
                for _ in range(5)
            )
        )
    return found


def html(texts: list[str]) -> bytes:
    menu = "".join(f'<li><a href="/{number}">Section {number}</a></li>' for number in range(30))
    body = "".join(f"<p>{text}</p>" for text in texts)
    head = '<title>A life</title><meta property="article:published_time" content="2021-03-04">'
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}</head>'
        f"<body><nav><ul>{menu}</ul></nav><article><h1>A life</h1>{body}</article>"
        "<footer>Terms of use</footer></body></html>"
    ).encode()


def docx(texts: list[str]) -> bytes:
    import docx

    document = docx.Document()
    for text in texts:
        document.add_paragraph(text)
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def pdf(texts: list[str]) -> bytes:
    """Lines of about 90 characters, 50 to a page, in Helvetica."""
    lines: list[str] = []
    for text in texts:
        line = ""
        for word in text.split():
            if len(line) + len(word) > 90:
                lines.append(line)
                line = ""
            line = f"{line} {word}".strip()
        lines += [line, ""]
    pages = [lines[start : start + 50] for start in range(0, len(lines), 50)]
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for index, page in enumerate(pages):
        drawn = "\n".join(
            f"BT /F1 10 Tf 72 {780 - 14 * row} Td ({line}) Tj ET" for row, line in enumerate(page) if line
        )
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * index} 0 R >>",
            f"<< /Length {len(drawn.encode('cp1252'))} >>\nstream\n{drawn}\nendstream",
        ]
    written, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(written))
        written += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    written += f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    written += f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{written.index('xref')}\n%%EOF\n"
    return written.encode("cp1252")


WRITERS: dict[str, Callable[[list[str]], bytes]] = {
    "txt": lambda texts: "\n\n".join(texts).encode(),
    "md": lambda texts: ("# A life\n\n" + "\n\n".join(texts)).encode(),
    "html": html,
    "pdf": pdf,
    "docx": docx,
}


def write(folder: Path, ending: str, documents: int, words: int) -> None:
    """Write a corpus of one format; files of rows hold all documents in one file."""
    chance = random.Random(1)
    if ending == "jsonl":
        with (folder / "all.jsonl").open("w", encoding="utf-8") as file:
            for number in range(documents):
                file.write(json.dumps({"id": number, "text": "\n\n".join(paragraphs(chance, words))}) + "\n")
    elif ending == "csv":
        with (folder / "all.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "text"])
            writer.writerows([number, "\n\n".join(paragraphs(chance, words))] for number in range(documents))
    else:
        for number in range(documents):
            (folder / f"{number:06}.{ending}").write_bytes(WRITERS[ending](paragraphs(chance, words)))


def measure(folder: str, name: str) -> str:
    """Read and segment one corpus in this process; a line of the report."""
    list(RuleSegmenter().segment(Document("", "", "Warm up.", language="en")))
    source, segmenter = FileSource(folder, iris=Iris()), RuleSegmenter()
    next(source.documents())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    documents = characters = sentences = 0
    reading = segmenting = 0.0
    found = source.documents()
    while True:
        start = time.process_time()
        document = next(found, None)
        read = time.process_time()
        reading += read - start
        if document is None:
            break
        if not isinstance(document, Document):
            raise SystemExit(f"{document.document_id} was refused: {document.reason}")
        sentences += len(segmenter.segment(document))
        segmenting += time.process_time() - read
        documents += 1
        characters += len(document.text)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (
        f"{name:>6} {documents:>7,} {documents / reading:>10,.0f} {characters / 1e6 / reading:>8.1f} "
        f"{documents / segmenting:>10,.0f} {sentences / segmenting:>10,.0f} {peak / 1024:>8.0f} "
        f"{(peak - before) / 1024:>7.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--words", type=int, default=600)
    parser.add_argument("--scale", type=int, nargs="+", default=[1])
    parser.add_argument("--formats", nargs="+", default=FORMATS, choices=FORMATS)
    options = parser.parse_args()
    print("format    docs  read doc/s     MB/s  split doc/s    sent/s  peak MB  growth")
    spawn = multiprocessing.get_context("spawn")
    for ending in options.formats:
        for scale in options.scale:
            with tempfile.TemporaryDirectory() as folder, spawn.Pool(1) as pool:
                write(Path(folder), ending, options.documents * scale, options.words)
                print(pool.apply(measure, (folder, ending)), flush=True)


if __name__ == "__main__":
    main()
