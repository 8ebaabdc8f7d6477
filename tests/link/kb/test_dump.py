"""An index from a dump: what is in it, and what happens to damaged dumps and killed builds."""

import bz2
import gzip
import io
import json
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import zstandard

from kgbuild.errors import KnowledgeBaseError
from kgbuild.link.format import DATA_FILE
from kgbuild.link.index import LmdbIndex
from kgbuild.link.kb.assemble import Report, Way, build_from_dump, scan_dump
from kgbuild.link.kb.build import partial, untold
from kgbuild.link.kb.parse import NOT_AN_ENTITY, NOT_JSON, Choice
from kgbuild.link.kb.synthetic import lines

SAMPLE = Path(__file__).parents[4] / "shared" / "data" / "wikidata" / "dump_sample.json.bz2"
SMALL = Way(limit=20_000)
"""So little memory that there are many runs."""


def named(number: int, label: str, **more: object) -> str:
    """A line of an item, without its end."""
    item = {"type": "item", "id": f"Q{number}", "labels": {"en": {"language": "en", "value": label}}, **more}
    return json.dumps(item)


def claims(**values: int) -> dict[str, object]:
    """Claims of one item each."""
    return {
        pid: [{"mainsnak": {"snaktype": "value", "datavalue": {"value": {"id": f"Q{value}"}}}}]
        for pid, value in values.items()
    }


def sites(count: int) -> dict[str, object]:
    return {f"s{number}wiki": {"site": f"s{number}wiki"} for number in range(count)}


def write(path: Path, *texts: str) -> str:
    path.write_text("[\n" + ",\n".join(texts) + "\n]\n", encoding="utf-8", errors="surrogatepass")
    return str(path)


def build(path: str | Path, out: Path, choice: Choice | None = None, way: Way | None = None) -> Report:
    return build_from_dump(str(path), out, choice or Choice(), way=way)


@pytest.fixture(scope="session")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump of three thousand items, one line in ten with an oddity."""
    path = tmp_path_factory.mktemp("dumps") / "dump.json"
    path.write_bytes(b"".join(lines(3_000, statements=1, odd=0.1)))
    return path


@pytest.fixture
def world(tmp_path: Path) -> str:
    """A few items with classes, facts and neighbours."""
    return write(
        tmp_path / "world.json",
        named(64, "Berlin", claims=claims(P31=515, P17=183, P47=1208), sitelinks=sites(300)),
        named(821244, "Berlin", claims=claims(P31=515, P17=30), sitelinks=sites(20)),
        named(183, "Germany", claims=claims(P31=6256), sitelinks=sites(350)),
        named(515, "city", claims=claims(P279=486972), sitelinks=sites(150)),
        named(486972, "human settlement", claims=claims(P279=27096213)),
        named(30, "United States of America", claims=claims(P31=6256)),
        named(99, "Berlin (disambiguation)", claims=claims(P31=4167410)),
    )


def test_entities_have_facts_in_words_and_general_classes(world: str, tmp_path: Path) -> None:
    report = build(world, tmp_path / "kb")
    index = LmdbIndex(tmp_path / "kb")
    berlin = index.entity("Q64")
    assert berlin is not None
    assert berlin.facts == (("P17", "Germany"),)
    assert berlin.types == ("Q515", "Q27096213")
    assert berlin.description == "city; country Germany"
    assert index.neighbours("Q64") == {"Q515", "Q183", "Q1208"}
    assert [candidate.entity for candidate in index.candidates("Berlin")][:2] == ["Q64", "Q821244"]
    assert report.counts["taken"] == report.meta.entities == len(index) == 7
    index.verify()


def test_types_are_taken_with_the_classes_under_them(world: str, tmp_path: Path) -> None:
    report = build(world, tmp_path / "kb", Choice(types=("Q27096213",)))
    index = LmdbIndex(tmp_path / "kb")
    assert {entity.id for entity in index.entities()} == {"Q64", "Q821244", "Q515", "Q486972"}
    assert report.counts["of other types"] == 3
    berlin = index.entity("Q64")
    assert berlin is not None
    assert berlin.facts == (("P17", "Germany"),), "what is left out still has its label"
    assert index.entity("Q183") is None
    assert index.candidates("Germany") == ()


def test_items_with_few_sitelinks_and_of_classes_to_leave_out_are_counted(world: str, tmp_path: Path) -> None:
    report = build(world, tmp_path / "kb", Choice(min_sitelinks=1, excluded=("Q6256",)))
    assert {entity.id for entity in LmdbIndex(tmp_path / "kb").entities()} == {"Q64", "Q821244", "Q515"}
    assert report.counts["with too few sitelinks"] == 3
    assert report.counts["of a class to be left out"] == 1
    texas = LmdbIndex(tmp_path / "kb").entity("Q821244")
    assert texas is not None
    assert texas.facts == (("P17", "United States of America"),)


def test_however_it_is_packed_and_read_the_index_is_the_same(dump: Path, tmp_path: Path) -> None:
    data = dump.read_bytes()
    for name, packed in (
        ("dump.json", data),
        ("dump.json.gz", gzip.compress(data)),
        ("dump.json.bz2", bz2.compress(data)),
        ("dump.json.zst", zstandard.compress(data)),
        ("dump.jsonl", data.replace(b"}},\n", b"}}\n").replace(b"[\n", b"").replace(b"]\n", b"")),
    ):
        (tmp_path / name).write_bytes(packed)
    made = [
        build(tmp_path / "dump.json", tmp_path / "a"),
        build(tmp_path / "dump.json.gz", tmp_path / "b", way=SMALL),
        build(tmp_path / "dump.json.bz2", tmp_path / "c"),
        build(tmp_path / "dump.json.zst", tmp_path / "d"),
        build(tmp_path / "dump.jsonl", tmp_path / "e", way=Way(workers=2)),
    ]
    assert len({report.meta.digest for report in made}) == 1
    assert made[0].counts["lines"] == 3_000
    assert made[0].counts["not an item"] > 10
    assert made[0].counts["without a label"] > 10
    assert sorted(entry.name for entry in tmp_path.iterdir() if entry.is_dir()) == ["a", "b", "c", "d", "e"]


def test_standard_input_is_read(dump: Path, tmp_path: Path) -> None:
    code = "import sys; from kgbuild.cli import main; main(['kb', 'build', '-', '--out', sys.argv[1]])"
    with dump.open("rb") as file:
        subprocess.run([sys.executable, "-c", code, str(tmp_path / "kb")], stdin=file, check=True)
    assert (
        LmdbIndex(tmp_path / "kb").digest == build(dump, tmp_path / "again", Choice(excluded=())).meta.digest
    )


def test_a_line_that_is_not_json_is_counted_with_its_offset(tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    first = named(1, "one") + ",\n"
    bad = '{"type": "item", "id": \n'
    path.write_text("[\n" + first + bad + '{"type": "item", "id": 7},\n' + named(2, "two") + "\n]\n")
    report = build(path, tmp_path / "kb")
    assert report.meta.entities == 2
    assert report.bad == ((2 + len(first), NOT_JSON), (2 + len(first + bad), NOT_AN_ENTITY))
    assert (report.counts[NOT_JSON], report.counts[NOT_AN_ENTITY]) == (1, 1)


def test_deeply_nested_nonsense_is_a_bad_line(tmp_path: Path) -> None:
    path = write(tmp_path / "dump.json", named(1, "one"), '{"x":' + "[" * 200_000, named(2, "two"))
    assert build(path, tmp_path / "kb").meta.entities == 2


@pytest.mark.parametrize(
    "text", ["", "[\n]\n", "hello\nworld\n", "<html></html>\n", "[" + named(1, "one") + "]"]
)
def test_what_is_no_dump_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "dump.json"
    path.write_text(text)
    with pytest.raises(KnowledgeBaseError, match=r"no item was taken|ends (with|at)"):
        build(path, tmp_path / "kb")
    assert not (tmp_path / "kb").exists()


@pytest.mark.parametrize("packing", ["json", "gz", "bz2", "zst"])
def test_a_dump_that_is_cut_short_says_how_far_it_got_and_goes_on(
    dump: Path, tmp_path: Path, packing: str
) -> None:
    pack = {"json": bytes, "gz": gzip.compress, "bz2": bz2.compress, "zst": zstandard.compress}[packing]
    whole = pack(dump.read_bytes())
    path = tmp_path / f"dump.json.{packing}".removesuffix(".json")
    path = path if packing != "json" else tmp_path / "dump.json"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(
        KnowledgeBaseError, match=r"byte [\d,]+.*[\d,]+ lines.* so far, and kept.*--accept-cut"
    ):
        build(path, tmp_path / "kb")
    with pytest.raises(KnowledgeBaseError, match="there is no index"):
        LmdbIndex(tmp_path / "kb")
    path.write_bytes(whole)
    report = build(path, tmp_path / "kb")
    assert report.resumed > 0 or packing in ("bz2", "zst")  # one block of these holds all
    assert report.meta.digest == build(dump, tmp_path / "straight").meta.digest
    assert not partial(tmp_path / "kb").exists()


def test_one_can_make_do_with_a_dump_that_is_cut_short(dump: Path, tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_bytes(dump.read_bytes()[:1_000_000])
    report = build(path, tmp_path / "kb", way=Way(accept_cut=True))
    assert 100 < report.meta.entities < 3_000


def test_a_list_that_is_not_closed_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_text("[\n" + named(1, "one") + ",\n")
    with pytest.raises(KnowledgeBaseError, match=r"ends at byte [\d,]+ without the \]"):
        build(path, tmp_path / "kb")


def test_other_options_or_another_file_do_not_go_on(dump: Path, tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_bytes(dump.read_bytes()[:1_000_000])
    with pytest.raises(KnowledgeBaseError):
        build(path, tmp_path / "kb")
    with pytest.raises(KnowledgeBaseError, match=r"other options.*--restart"):
        build(path, tmp_path / "kb", Choice(("de",)))
    path.write_bytes(dump.read_bytes().replace(b"Q", b"R"))
    with pytest.raises(KnowledgeBaseError, match=r"not the file.*--restart"):
        build(path, tmp_path / "kb")
    path.write_bytes(dump.read_bytes())
    assert build(path, tmp_path / "kb", Choice(("de",)), Way(restart=True)).resumed == 0


_BUILD = """
import sys, time
from kgbuild.link.kb.assemble import Way, build_from_dump
from kgbuild.link.kb.parse import Choice

def told(stage, more, total):
    print(stage, flush=True)
    if stage == sys.argv[3]:
        time.sleep(60)

if __name__ == "__main__":
    way = Way(limit=200_000, workers=int(sys.argv[4]))
    build_from_dump(sys.argv[1], sys.argv[2], Choice(), way=way, told=told)
"""


def started(folder: Path, dump: Path, stage: str, workers: int = 1) -> subprocess.Popen[str]:
    """A build in a process of its own that sleeps when it comes to a stage."""
    script = folder / "build.py"
    script.write_text(_BUILD)
    arguments = [sys.executable, str(script), str(dump), str(folder / "kb"), stage, str(workers)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, start_new_session=True)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found in /proc")
def test_the_workers_of_a_killed_build_end(dump: Path, tmp_path: Path) -> None:
    def members(group: int) -> list[str]:
        found: list[str] = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it has ended meanwhile
                state, _, held, *_ = stat.read_text().rpartition(")")[2].split()
                found += [state] if int(held) == group and state != "Z" else []
        return found

    with started(tmp_path, dump, "reading", workers=2) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if line.strip() == "reading")
        assert len(members(process.pid)) > 2
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while members(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not members(process.pid)


@pytest.mark.parametrize("stage", ["reading", "entities", "names"])
def test_a_killed_build_leaves_nothing_that_opens_and_goes_on(dump: Path, tmp_path: Path, stage: str) -> None:
    """Kill a build when it comes to a stage; the next one makes the same index as one that was not killed."""
    out = tmp_path / "kb"
    with started(tmp_path, dump, stage) as process:
        assert process.stdout is not None
        told = next(line for line in process.stdout if line.strip() == stage)
        time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert told.strip() == stage
    for folder in (out, *(path for path in tmp_path.rglob("*") if path.is_dir())):
        with pytest.raises(KnowledgeBaseError):
            LmdbIndex(folder)
    report = build(dump, out, way=Way(limit=200_000))
    assert (report.resumed > 0) == (stage != "reading")
    assert report.meta.digest == build(dump, tmp_path / "straight").meta.digest
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["build.py", "kb", "straight"]


def test_a_scan_goes_on_from_its_last_checkpoint(dump: Path, tmp_path: Path) -> None:
    """The dump grows between two builds; what was read is not read again."""
    path = tmp_path / "dump.json"
    whole = dump.read_bytes()
    offsets: list[int] = []
    for share in (0.3, 0.6, 0.9):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(KnowledgeBaseError):
            build(path, tmp_path / "kb", way=SMALL)
        offsets.append(json.loads((partial(tmp_path / "kb") / "scan.json").read_bytes())["offset"])
    assert offsets == sorted(set(offsets))
    path.write_bytes(whole)
    report = build(path, tmp_path / "kb", way=SMALL)
    assert report.resumed == offsets[-1]
    assert report.meta.digest == build(dump, tmp_path / "straight").meta.digest


def test_a_dump_that_was_read_whole_is_known_by_its_beginning(dump: Path, tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_bytes(dump.read_bytes())
    scan_dump(str(path), tmp_path / "kb", Choice(), Way(), untold)
    path.write_bytes(dump.read_bytes().replace(b"Q", b"R"))
    with pytest.raises(KnowledgeBaseError, match=r"holds what was read of .*begin anew with --restart"):
        build(path, tmp_path / "kb")
    path.write_bytes(dump.read_bytes())
    assert build(path, tmp_path / "kb").meta.entities > 2_000


def test_a_damaged_checkpoint_is_told(dump: Path, tmp_path: Path) -> None:
    work = partial(tmp_path / "kb")
    work.mkdir()
    (work / "scan.json").write_bytes(b"{")
    with pytest.raises(KnowledgeBaseError, match=r"scan\.json is damaged; begin anew with --restart"):
        build(dump, tmp_path / "kb")


def test_names_in_many_scripts_and_names_of_nothing(tmp_path: Path) -> None:
    def aliases(*texts: str) -> dict[str, object]:
        return {"en": [{"language": "en", "value": text} for text in texts]}

    long = "lang " * 200_000
    path = write(
        tmp_path / "dump.json",
        named(1, "القاهرة", aliases=aliases("مُحَمَّد")),
        named(2, "תל אביב"),
        named(3, "e\u0301te\u0301"),
        named(4, "\u0301", aliases=aliases("\u0300", " ")),
        named(5, "\u0302", aliases=aliases("\u200b")),
        named(6, "plain", aliases=aliases(long, "x" * 1_000_000, "\x00", "\ufeff")),
        named(7, "a\0b"),
    )
    build(path, tmp_path / "kb")
    index = LmdbIndex(tmp_path / "kb")
    for surface, qid in (("القاهرة", "Q1"), ("محمد", "Q1"), ("תל־אביב", "Q2"), ("été", "Q3"), ("ETE", "Q3")):
        assert [candidate.entity for candidate in index.candidates(surface)] == [qid]
    assert index.candidates("\u0301") == ()
    assert [candidate.entity for candidate in index.candidates("x" * 1_000_000)] == ["Q6"]
    assert [candidate.entity for candidate in index.candidates(long)] == ["Q6"]
    assert {entity.id for entity in index.entities()} == {f"Q{number}" for number in range(1, 8)}
    index.verify()


def test_an_item_that_comes_twice_is_taken_once(tmp_path: Path) -> None:
    path = write(tmp_path / "dump.json", named(1, "one"), named(1, "one"), named(2, "two"))
    report = build(path, tmp_path / "kb")
    assert report.meta.entities == 2
    assert report.counts["given twice"] == 1


def test_cycles_of_classes_end(tmp_path: Path) -> None:
    path = write(
        tmp_path / "dump.json",
        named(1, "egg", claims=claims(P279=2)),
        named(2, "hen", claims=claims(P279=1)),
        named(3, "this egg", claims=claims(P31=1)),
    )
    build(path, tmp_path / "kb", Choice(types=("Q2",)))
    assert {entity.id for entity in LmdbIndex(tmp_path / "kb").entities()} == {"Q1", "Q2", "Q3"}


def test_a_folder_that_is_no_index_is_left_alone(dump: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("keep me")
    with pytest.raises(KnowledgeBaseError, match="not overwritten"):
        build(dump, tmp_path / "letters")


def test_an_older_index_stays_until_the_new_one_is_whole(dump: Path, world: str, tmp_path: Path) -> None:
    build(world, tmp_path / "kb")
    older = LmdbIndex(tmp_path / "kb")
    cut = tmp_path / "cut.json"
    cut.write_bytes(dump.read_bytes()[:500_000])
    with pytest.raises(KnowledgeBaseError):
        build(cut, tmp_path / "kb")
    assert LmdbIndex(tmp_path / "kb").digest == older.digest
    build(dump, tmp_path / "kb", way=Way(restart=True))
    assert LmdbIndex(tmp_path / "kb").digest != older.digest
    assert older.entity("Q64") is not None, "who has it open goes on reading it"
    assert [entry.name for entry in (tmp_path / "kb").iterdir()] == [DATA_FILE]


@pytest.fixture
def sample() -> Path:
    if not SAMPLE.exists():
        pytest.skip("the sample of Wikidata's dump is not here: shared/data/wikidata/dump_sample.json.bz2")
    return SAMPLE


def test_real_items_are_read(sample: Path, tmp_path: Path) -> None:
    report = build(sample, tmp_path / "kb", Choice(("en", "de")))
    assert report.counts["taken"] == 100
    index = LmdbIndex(tmp_path / "kb")
    belgium = index.entity("Q31")
    assert belgium is not None
    assert (belgium.label, belgium.description) == (
        "Belgium",
        "federal constitutional monarchy in Western Europe; country Belgium; founded 1830",
    )
    assert "Belgien" in belgium.aliases
    assert belgium.prior > 0.9
    assert {"Q31", "Q458", "Q215669"} <= index.neighbours("Q31")


def test_the_generator_makes_json_and_the_same_each_time() -> None:
    made = b"".join(lines(500, odd=0.5))
    assert made == b"".join(lines(500, odd=0.5))
    assert len(json.loads(made)) == 500
    assert io.BytesIO(made).readline() == b"[\n"
