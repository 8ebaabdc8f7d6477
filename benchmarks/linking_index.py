"""Building and opening the linking index, at several sizes, on generated dumps of Wikidata's format.

    python benchmarks/linking_index.py [--items 100000 1000000] [--statements 8] [--folder /tmp/kb]

For each size, in processes of their own: what a core reads (decoding alone, reading with the filters,
the same from zstd), what it builds, the peak memory, the index' size, how long it takes to open, and a
look-up by name. Beside each figure stands the limit that was measured in the same run: msgspec
decoding lines, LMDB getting a key. CPU seconds, so that a busy machine tells the same; opening and
look-ups are by the clock.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

from kgbuild.link.format import DATA_FILE, key
from kgbuild.link.index import LmdbIndex
from kgbuild.link.kb.assemble import Way, build_from_dump
from kgbuild.link.kb.parse import Choice, parse
from kgbuild.link.kb.stream import Block, LineStream
from kgbuild.link.kb.synthetic import lines
from kgbuild.link.kb.wikidata import Reader
from kgbuild.link.names import normalise

FULL = 120_000_000
"""Items of Wikidata, for the projection."""

LOOKUPS = 20_000
GIVEN, MANY = 30, 100_000
"""Bearers of a name that a look-up gives, and more than any has."""

READ = 2 * 10**9
"""Bytes of JSON that are read where reading alone is measured."""


@dataclass(frozen=True)
class Built:
    """What a build took; MB/s are of JSON."""

    entities: int
    names: int
    seconds: float
    peak: float
    stages: dict[str, float]


def write_dump(path: Path, items: int, statements: int) -> None:
    """A dump as plain JSON, and packed beside it."""
    packer = zstandard.ZstdCompressor(level=3)
    with (
        path.open("wb") as plain,
        path.with_suffix(".json.zst").open("wb") as packed,
        packer.stream_writer(packed) as packing,
    ):
        for line in lines(items, statements=statements):
            plain.write(line)
            packing.write(line)


def seconds_of(work: Callable[[], object]) -> float:
    """CPU seconds of this process that a call takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def beginning(path: str) -> Iterator[Block]:
    """The blocks of the first `READ` bytes of JSON of a dump: its rate is the same all through."""
    size = 0
    for block in LineStream(path).blocks():
        yield block
        size += len(block.data)
        if size >= READ:
            return


def bodies(path: str) -> Iterator[bytes]:
    """The items' JSON, line by line."""
    for block in beginning(path):
        for line in block.data.split(b"\n"):
            body = line.strip(b", ")
            if len(body) > 1:
                yield body


def decode(path: str) -> float:
    """Decoding lines with msgspec and nothing else, which is the limit of reading."""
    decoder = Reader().decode

    def work() -> None:
        for body in bodies(path):
            decoder(body)

    return seconds_of(work)


def read(path: str) -> float:
    """Reading items with the filters, as a build does."""
    reader = Reader(("en",), min_sitelinks=1)

    def work() -> None:
        for block in beginning(path):
            parse(reader, block)

    return seconds_of(work)


def build(path: str, out: str) -> Built:
    """Building the index."""
    stages: dict[str, float] = {}
    last = time.process_time()

    def told(stage: str, _more: int, _total: int | None) -> None:
        nonlocal last
        now = time.process_time()
        stages[stage] = stages.get(stage, 0.0) + now - last
        last = now

    start = time.process_time()
    report = build_from_dump(path, out, Choice(), way=Way(restart=True), told=told)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.process_time() - start
    return Built(report.meta.entities, report.meta.names, seconds, peak, stages)


def look_up(out: str) -> tuple[float, float, float, float, float]:
    """Seconds to open by the clock; µs of an exact look-up, the same of names of many bearers, of a first
    candidate, of LMDB's get alone."""
    start = time.perf_counter()
    index = LmdbIndex(out)
    opened = time.perf_counter() - start
    chance = random.Random(1)
    asked = [entity.label for _, entity in zip(range(10 * LOOKUPS), index.entities(), strict=False)]
    asked = chance.choices(asked, k=LOOKUPS)
    index = LmdbIndex(out)
    keys = [key(normalise(name)) for name in asked]
    file = index._file
    tables = file.tables["names"]
    with file.environment.begin() as transaction:
        get = [seconds_of(lambda: [transaction.get(name, db=tables) for name in keys]) for _ in range(2)][1]
    exact = seconds_of(lambda: [index.exact(name) for name in asked])
    first = seconds_of(lambda: [index.candidates(name, 1) for name in asked])
    bearers = [len(index.exact(name, MANY)) for name in asked]
    common = [name for name, count in zip(asked, bearers, strict=True) if count >= GIVEN] or asked
    of_many = seconds_of(lambda: [index.exact(name) for name in common])
    print(
        f"  (a name that is looked up has {sum(bearers) / LOOKUPS:.1f} bearers, and {max(bearers)} at most; "
        f"of {len(common) / LOOKUPS:.1%} there are {GIVEN} and more, of which as many are given)"
    )
    each = 1e6 / LOOKUPS
    return opened, exact * each, of_many / len(common) * 1e6, first * each, get * each


@dataclass(frozen=True)
class Measured:
    """What the table of aims is about: MB of JSON a second, bytes, µs and seconds."""

    items: int
    read: float
    built: float
    peak: float
    size: float
    exact: float
    common: float
    opened: float


def measure(folder: Path, items: int, statements: int) -> Measured:
    """Print the figures of one size."""
    path, out = folder / f"{items}.json", folder / f"{items}.kb"
    if not path.exists():
        write_dump(path, items, statements)
    size = path.stat().st_size / 1e6
    read_size = min(size, READ / 1e6)
    spawn = multiprocessing.get_context("spawn")

    def alone(work: Callable[..., object], *arguments: object) -> object:
        with spawn.Pool(1) as pool:
            return pool.apply(work, arguments)

    limit = alone(decode, str(path))
    plain, packed = alone(read, str(path)), alone(read, str(path.with_suffix(".json.zst")))
    built = alone(build, str(path), str(out))
    assert isinstance(limit, float)
    assert isinstance(plain, float)
    assert isinstance(packed, float)
    assert isinstance(built, Built)
    on_disk = (out / DATA_FILE).stat().st_size
    opens = [alone(look_up, str(out)) for _ in range(3)]
    opened, exact, common, first, get = (statistics.median(values) for values in zip(*opens, strict=True))
    size_of_all = on_disk / built.entities * FULL / 1e9
    hours = built.seconds / items * FULL / 3600
    rows = (
        ("dump", f"{size:,.0f} MB, {size * 1e6 / items:,.0f} bytes an item"),
        ("decoding alone", f"{read_size / limit:,.0f} MB/s"),
        ("read and filtered", f"{read_size / plain:,.0f} MB/s, {limit / plain:.2f} of decoding alone"),
        ("the same from zstd", f"{read_size / packed:,.0f} MB/s, {limit / packed:.2f} of decoding alone"),
        ("index built", f"{size / built.seconds:,.0f} MB/s, {built.entities / built.seconds:,.0f} items/s"),
        ("  of which", ", ".join(f"{stage} {took:.1f} s" for stage, took in built.stages.items())),
        ("peak memory", f"{built.peak:,.0f} MB"),
        ("index", f"{on_disk / 1e6:,.0f} MB, {on_disk / built.entities:,.0f} bytes an entity"),
        ("names", f"{built.names:,}"),
        ("opened in", f"{opened * 1e3:,.1f} ms"),
        ("exact look-up", f"{exact:.1f} µs; LMDB's get alone {get:.1f} µs"),
        (f"exact look-up of names of {GIVEN} bearers and more", f"{common:.1f} µs"),
        ("first candidate, with all about it", f"{first:.1f} µs"),
        (f"projected to {FULL:,} items", f"{size_of_all:,.0f} GB, {hours:,.1f} CPU hours"),
    )
    print(f"{items:,} items")
    for name, told in rows:
        print(f"  {name:<48}{told}", flush=True)
    return Measured(
        items,
        read_size / max(plain, packed),
        size / built.seconds,
        built.peak,
        on_disk,
        exact,
        common,
        opened,
    )


def measure_all(sizes: list[int], statements: int, kept: Path | None) -> list[Measured]:
    """The figures of several sizes; dumps and indexes are kept in a folder, or nowhere."""
    with tempfile.TemporaryDirectory() as nowhere:
        folder = kept or Path(nowhere)
        folder.mkdir(parents=True, exist_ok=True)
        return [measure(folder, items, statements) for items in sizes]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, nargs="+", default=[100_000])
    parser.add_argument("--statements", type=int, default=8, help="see kgbuild.link.kb.synthetic")
    parser.add_argument("--folder", type=Path, help="where dumps and indexes are kept; default: nowhere")
    options = parser.parse_args()
    measure_all(options.items, options.statements, options.folder)


if __name__ == "__main__":
    main()
