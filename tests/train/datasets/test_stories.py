"""Stories of lives and families: who is meant, what follows, and of what nothing is known."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from kgbuild.errors import DatasetError
from kgbuild.extract.given_names import name_sex
from kgbuild.extract.offices import offices
from kgbuild.ontology import load_ontology
from kgbuild.records import Label, Mention
from kgbuild.train.datasets.cast import Role, cast_of
from kgbuild.train.datasets.stories import COPIES, FAMILY, read_rows, read_stories
from kgbuild.train.examples import AnnotatedMention, Example, Fact, Scope

FILES = Path(str(resources.files("kgbuild") / "train"))
PACKAGED = FILES / "stories.tsv"
TYPES = {
    "P19": (Label.PERSON, Label.LOCATION),
    "P20": (Label.PERSON, Label.LOCATION),
    "P569": (Label.PERSON, Label.TIME),
    "P570": (Label.PERSON, Label.TIME),
    **dict.fromkeys(FAMILY, (Label.PERSON, Label.PERSON)),
    **dict.fromkeys(("P50", "P57", "P58", "P86", "P161", "P162", "P175"), (Label.OTHER, Label.PERSON)),
    "P577": (Label.OTHER, Label.TIME),
    "P166": (None, Label.OTHER),
    "P36": (Label.LOCATION, Label.LOCATION),
    "P1376": (Label.LOCATION, Label.LOCATION),
    "P6": (Label.LOCATION, Label.PERSON),
}
"""Types of subjects and objects; a person or a work may have a prize."""


def named(
    people: int = 50,
    places: int = 50,
    works: int = 50,
    awards: int = 50,
    organisations: int = 50,
    *,
    cased: bool = True,
) -> Example:
    """A document that names so many, among them a person of one name and a thing that is neither."""
    names = [
        ("Plato", Label.PERSON),
        ("Easter", Label.OTHER),
        *((f"{('Xa', 'Anna', 'Otto')[number % 3]} Lee{number}", Label.PERSON) for number in range(people)),
        *((f"Town{number}", Label.LOCATION) for number in range(places)),
        *((f"Film{number}", Label.OTHER) for number in range(works)),
        *((f"Prize{number}", Label.OTHER) for number in range(awards)),
        *((f"Firm{number}", Label.ORGANISATION) for number in range(organisations)),
    ]
    text, mentions = "", []
    for number, (name, label) in enumerate(names):
        mentions.append(AnnotatedMention(len(text), len(text) + len(name), label, number))
        text += name + " "
    first = 2 + people + places
    facts = [Fact(first + number, "P57", 2) for number in range(works)]
    facts += [Fact(2, "P166", first + works + number) for number in range(awards)]
    return Example("d", text, tuple(mentions), facts=tuple(facts), scope=Scope.ENTITY, cased=cased)


BEFORE = [named()]
HONOURED = (Label.PERSON, Label.OTHER)


def stories(tmp_path: Path, *rows: str) -> list[Example]:
    path = tmp_path / "stories.tsv"
    path.write_text("# facts\ttext\n" + "\n".join(rows) + "\n")
    return list(read_stories(path, BEFORE, seed=1))


def words(example: Example, entity: int) -> list[str]:
    return [example.text[each.start : each.end] for each in example.mentions if each.entity == entity]


def test_the_packaged_stories_tell_facts_of_the_right_types_and_what_follows() -> None:
    examples = list(read_stories(PACKAGED, BEFORE, seed=1))
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
            subject, object_ = TYPES[fact.property]
            assert label[fact.subject] is subject or (subject is None and label[fact.subject] in HONOURED)
            assert label[fact.object] is object_
            if fact.property in ("P22", "P25"):
                assert Fact(fact.object, "P40", fact.subject) in facts
            if fact.property in ("P26", "P3373"):
                assert Fact(fact.object, fact.property, fact.subject) in facts
            if fact.property == "P36":
                assert Fact(fact.object, "P1376", fact.subject) in facts
        for name in ("P19", "P20", "P22", "P25", "P569", "P570"):
            assert known[name].functional
            subjects = [fact.subject for fact in facts if fact.property == name]
            assert len(subjects) == len(set(subjects)), "each has one"
    assert told == TYPES.keys()
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
        ("P22 s f\t{s:His} father is {f}.", "the first text must begin with the name of what the stories"),
        ("P22 s f\tA father, {f}, had {s}.", "the first text must begin with the name of what the stories"),
        ("-\t{s} and {s:hers}.", "the slot s has no form hers; it has brother, he, him"),
        ("-\t{s} saw {g:him}.", "the slot g has no form him; it has it, its"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(DatasetError, match=re.escape(said)) as caught:
        stories(tmp_path, row)
    assert "stories.tsv" in str(caught.value)


def test_a_file_without_rows_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"stories\.tsv has no rows"):
        stories(tmp_path)


def test_a_row_that_goes_with_no_opening_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no row that opens a story goes with '\{s:He\} loves \{w\}\.'"):
        stories(tmp_path, "P26 s w\t{s} married {w}.", "P26 s w\t{s:He} loves {w}.")


def test_a_work_may_be_meant_by_a_pronoun(tmp_path: Path) -> None:
    [first, *_] = stories(tmp_path, "P57 g x\t{s} saw {g} once. {g:It} is by {x}.")
    [fact, *_] = first.facts
    film, pronoun = words(first, fact.subject)
    assert film.startswith("Film")
    assert pronoun == "It"


def test_names_are_of_what_facts_say_and_of_cased_texts_alone() -> None:
    cast = cast_of([named(2, 1, 2, 1), named(3, 3, 3, 3, cased=False)])
    assert cast[Role.WORK] == ["Film0", "Film1"]
    assert cast[Role.AWARD] == ["Prize0"]
    assert "Plato" not in cast[Role.PERSON]
    mentions = (
        AnnotatedMention(0, 4, Label.OTHER),
        AnnotatedMention(5, 8, Label.PERSON),
        AnnotatedMention(9, 12, Label.PERSON),
    )
    facts = (Fact(0, "P57", 1), Fact(1, "P57", 2), Fact(1, "P166", 2))
    between_mentions = Example("m", "Jaws Ann Bob", mentions, facts=facts)
    assert cast_of([between_mentions])[Role.WORK] == ["Jaws"]
    assert not cast_of([between_mentions])[Role.AWARD]


def test_too_few_names_are_said(tmp_path: Path) -> None:
    said = (
        "stories need 40 names of awards, people, places, works, but there are 1 of awards, 2 of people, "
        "3 of places; they take them from the data sets before them"
    )
    with pytest.raises(DatasetError, match=said):
        list(read_stories(PACKAGED, [named(2, 3, 40, 1)], seed=1))
    path = tmp_path / "own.tsv"
    path.write_text("P22 s f\t{s} is a child of {f}.\n")
    assert list(read_stories(path, [named(works=0, awards=0)], seed=1))


def test_stories_of_offices_tell_facts_of_types_that_the_ontology_allows() -> None:
    ontology = load_ontology()
    rows = read_rows(FILES / "offices.tsv")
    examples = list(read_stories(FILES / "offices.tsv", BEFORE, seed=1))
    assert len(examples) == COPIES * len(rows)
    told = set()
    for example in examples:
        assert not re.search(r"[{}\[\]|<>]", example.text)
        label = {each.entity: each.label for each in example.mentions}
        for fact in example.facts:
            told.add(fact.property)
            assert label[fact.subject] in ontology.domain_labels(fact.property), fact
            assert (label[fact.object] or Label.OTHER) in ontology.range_labels(fact.property), fact
        assert example.annotated == {"P39"}
    assert told == examples[0].annotated


def test_offices_in_stories_are_those_that_an_extractor_finds() -> None:
    for example in read_stories(FILES / "offices.tsv", BEFORE, seed=1):
        text, spans = example.text, [(each.start, each.end) for each in example.mentions if not each.label]
        others = [
            Mention(each.start, each.end, text[each.start : each.end], each.label, 1.0)
            for each in example.mentions
            if each.label
        ]
        assert [(each.start, each.end) for each in offices(text, others)] == sorted(spans), text


def test_an_office_is_a_mention_without_a_type_around_another(tmp_path: Path) -> None:
    [first, *_] = stories(tmp_path, "P39 s k\t{s} was <k mayor of {p}>.")
    [fact, *_] = first.facts
    [person], [office] = words(first, fact.subject), words(first, fact.object)
    assert first.text.startswith(f"{person} was {office}.")
    [place] = [each for each in first.mentions if each.label is Label.LOCATION][:1]
    assert office == f"mayor of {first.surface(place)}"
    assert [each.label for each in first.mentions if each.entity == fact.object] == [None]


def test_what_a_story_is_about_need_not_stand_in_each_row(tmp_path: Path) -> None:
    examples = stories(tmp_path, "-\t{g} is long.", "P86 g x\tThe music is by {x}.")
    for example in examples:
        for fact in example.facts:
            [film], [composer] = words(example, fact.subject), words(example, fact.object)
            assert f"{film} is long. The music is by {composer}." in example.text


def test_people_s_pronouns_and_parts_are_of_the_sex_that_their_names_tell(tmp_path: Path) -> None:
    rows = "P22 s f, P25 s m\t{s} is a child of {f} and {m}.", "-\t{s:He} slept."
    pronouns: dict[int, set[str]] = {-1: set(), 0: set(), 1: set()}
    for example in stories(tmp_path, *rows):
        for fact in example.facts:
            if fact.property in ("P22", "P25"):
                [parent] = words(example, fact.object)
                assert name_sex(parent) != (-1 if fact.property == "P22" else 1)
                [name, *said] = words(example, fact.subject)
                pronouns[name_sex(name)].update(said)
    assert pronouns == {-1: {"She"}, 0: {"He", "She"}, 1: {"He"}}


def test_a_cast_of_one_sex_plays_both(tmp_path: Path) -> None:
    women = [f"Anna Lee{number}" for number in range(60)]
    mentions, text = [], ""
    for number, name in enumerate(women):
        mentions.append(AnnotatedMention(len(text), len(text) + len(name), Label.PERSON, number))
        text += name + " "
    path = tmp_path / "own.tsv"
    path.write_text("P22 s f\t{s} is a child of {f}.\n")
    assert list(read_stories(path, [Example("d", text, tuple(mentions), scope=Scope.ENTITY)], seed=1))
