"""Stories of lives and families: who is meant, what follows, and of what nothing is known."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from kgbuild.errors import DatasetError
from kgbuild.ontology import load_ontology
from kgbuild.records import Label
from kgbuild.train.datasets.stories import COPIES, FAMILY, read_rows, read_stories
from kgbuild.train.examples import Example, Fact

PACKAGED = Path(str(resources.files("kgbuild") / "train" / "stories.tsv"))
NAMES = {
    Label.PERSON: [*(f"Ann{number} Lee" for number in range(50)), "Plato"],
    Label.LOCATION: [f"Town{number}" for number in range(50)],
}
OBJECTS = {"P19": Label.LOCATION, "P20": Label.LOCATION, "P569": Label.TIME, "P570": Label.TIME}


def stories(tmp_path: Path, *rows: str) -> list[Example]:
    path = tmp_path / "stories.tsv"
    path.write_text("# facts\ttext\n" + "\n".join(rows) + "\n")
    return list(read_stories(path, NAMES, seed=1))


def words(example: Example, entity: int) -> list[str]:
    return [example.text[each.start : each.end] for each in example.mentions if each.entity == entity]


def test_the_packaged_stories_tell_facts_of_the_right_types_and_what_follows() -> None:
    examples = list(read_stories(PACKAGED, NAMES, seed=1))
    assert len(examples) == COPIES * len(read_rows(PACKAGED))
    known = load_ontology().properties
    told = set()
    for example in examples:
        label = {each.entity: each.label for each in example.mentions}
        facts = set(example.facts)
        assert not facts & set(example.unknown)
        assert not re.search(r"[{}\[\]|]", example.text)
        for fact in facts:
            told.add(fact.property)
            assert label[fact.subject] is Label.PERSON
            assert label[fact.object] is OBJECTS.get(fact.property, Label.PERSON)
            if fact.property in ("P22", "P25"):
                assert Fact(fact.object, "P40", fact.subject) in facts
            if fact.property in ("P26", "P3373"):
                assert Fact(fact.object, fact.property, fact.subject) in facts
        for name in ("P19", "P20", "P22", "P25", "P569", "P570"):
            assert known[name].functional
            subjects = [fact.subject for fact in facts if fact.property == name]
            assert len(subjects) == len(set(subjects)), "each has one"
    assert told == {*OBJECTS, *FAMILY}
    assert all(example.annotated == told for example in examples)


def test_pronouns_and_words_of_a_sex_are_those_of_the_person_meant(tmp_path: Path) -> None:
    examples = stories(
        tmp_path, "-\t{s} [was ill|slept].", "P22 s f, P40 s c\t{s:His} father, {f}, had a {c:son}, {c}."
    )
    both = set()
    for example in examples:
        for fact in example.facts:
            if fact.property == "P22":
                name, pronoun = words(example, fact.subject)
                [father], [child] = (
                    words(example, each.object)
                    for each in example.facts
                    if each.subject == fact.subject and each.property != "P26"
                )
                assert pronoun in ("His", "Her")
                assert f"{pronoun} father, {father}, had a" in example.text
                assert re.search(rf"had a (son|daughter), {child}\.", example.text)
                assert example.text.index(name) < example.text.index(f"{pronoun} father, {father}")
                both.add(pronoun)
    assert both == {"His", "Her"}


def test_what_rows_do_not_say_of_two_relatives_is_unknown_and_of_others_false(tmp_path: Path) -> None:
    rows = "P26 s w\t{s} married {w}.", "P40 s c\t{s:His} {c:son} is {c}.", "-\t{s:He} knew {x}."
    examples = stories(tmp_path, *rows)
    together = 0
    for example in examples:
        spouses = {fact.subject: fact.object for fact in example.facts if fact.property == "P26"}
        children = {fact.subject: fact.object for fact in example.facts if fact.property == "P40"}
        for person in spouses.keys() & children.keys():
            together += 1
            assert Fact(spouses[person], "P40", children[person]) in example.unknown
            assert Fact(person, "P22", spouses[person]) not in (*example.unknown, *example.facts)
    assert together > 10


def test_children_may_have_first_names_only_and_nobody_says_whether_they_are_siblings(tmp_path: Path) -> None:
    examples = stories(tmp_path, "P40 s c, P40 s d\t{s} has two children, {c} and {d}.")
    lengths = set()
    for example in examples:
        one, other = [fact.object for fact in example.facts if fact.property == "P40"][:2]
        assert {Fact(one, "P3373", other), Fact(other, "P3373", one)} <= set(example.unknown)
        [name] = words(example, one)
        lengths.add(len(name.split()))
    assert lengths == {1, 2}


def test_a_place_around_another_is_unknown_and_a_year_is_that_of_its_day(tmp_path: Path) -> None:
    [first, *_] = stories(tmp_path, "P19 s p, ?P19 s q, P569 s t:y\t{s} was born in {p}, {q}, in {t:y}.")
    born = next(fact for fact in first.facts if fact.property == "P19")
    [unknown] = [fact for fact in first.unknown if fact.subject == born.subject]
    assert words(first, unknown.object) != words(first, born.object)
    [year] = next(words(first, fact.object) for fact in first.facts if fact.property == "P569")
    assert year.isdigit()
    assert len(year) == 4


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("P22 s f\t{s} has a father.", "does not always have {f}"),
        ("P22 s f\t{s} [has {f}|has none].", "does not always have {f}"),
        ("P22 s\t{s} has a father.", "not enough values"),
        ("P22 s f", "not enough values"),
        ("P22 s f\t{s:His} father is {f}.", "no row that can open a story"),
        ("-\t{s} and {s:hers}.", "no slot has the form hers; there are brother, he, him"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(DatasetError, match=re.escape(said)) as caught:
        stories(tmp_path, row)
    assert "stories.tsv" in str(caught.value)


def test_a_row_that_goes_with_no_opening_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no row that opens a story goes with '\{s:He\} loves \{w\}\.'"):
        stories(tmp_path, "P26 s w\t{s} married {w}.", "P26 s w\t{s:He} loves {w}.")


def test_too_few_names_are_said(tmp_path: Path) -> None:
    few = {Label.PERSON: ["Ada"], Label.LOCATION: []}
    with pytest.raises(DatasetError, match="have 0 and 0; they take them from the data sets before them"):
        list(read_stories(PACKAGED, few, seed=1))
