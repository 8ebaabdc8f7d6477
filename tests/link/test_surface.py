"""Which mentions are decided together, and by which names."""

import pytest

from kgbuild.link.surface import Group, groups, is_common_noun, is_name, same_bearer
from kgbuild.records import Extraction, Label, Mention


def extraction(*found: tuple[str, Label], clusters: tuple[tuple[int, ...], ...] = ()) -> Extraction:
    mentions = tuple(
        Mention(100 * place, 100 * place + len(text), text, label, 0.9)
        for place, (text, label) in enumerate(found)
    )
    return Extraction("d", 0, 10_000, mentions, clusters=clusters)


def members(found: tuple[Group, ...]) -> list[tuple[int, ...]]:
    return [group.members for group in found]


@pytest.mark.parametrize("text", ["Paris", "the Beatles", "IBM", "東京", "القاهرة", "3M", "iPhone", "US"])
def test_names(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize("text", ["he", "She", "It", "the company", "his wife", "mathematics", "us"])
def test_what_is_no_name(text: str) -> None:
    assert not is_name(text)


def test_common_nouns_are_neither_pronouns_nor_definite() -> None:
    assert [text for text in ("mathematics", "the film", "she", "Paris") if is_common_noun(text)] == [
        "mathematics"
    ]


def test_a_cluster_is_one_group_with_its_names_longest_first() -> None:
    read = extraction(
        ("Curie", Label.PERSON), ("she", Label.PERSON), ("Marie Curie", Label.PERSON), clusters=((0, 1, 2),)
    )
    assert groups(read) == (Group((0, 1, 2), ("Marie Curie", "Curie"), Label.PERSON),)


def test_a_cluster_of_names_that_no_one_bears_together_is_divided() -> None:
    read = extraction(
        ("Jay Inslee", Label.PERSON),
        ("He", Label.PERSON),
        ("Trudi Inslee", Label.PERSON),
        ("she", Label.PERSON),
        ("William Boeing", Label.PERSON),
        ("J. Inslee", Label.PERSON),
        clusters=((0, 1, 2, 3, 4, 5),),
    )
    assert members(groups(read)) == [(0, 1, 5), (2, 3), (4,)]


def test_pronouns_before_any_name_go_with_the_first() -> None:
    read = extraction(("He", Label.PERSON), ("Ann Lee", Label.PERSON), clusters=((0, 1),))
    assert members(groups(read)) == [(0, 1)]


@pytest.mark.parametrize(
    ("one", "other", "label", "expected"),
    [
        ("Margaret Thatcher", "Mrs Thatcher", Label.PERSON, True),
        ("Marie Skłodowska Curie", "Marie Curie", Label.PERSON, True),
        ("J. Smith", "John Smith", Label.PERSON, True),
        ("Pierre Curie", "Marie Curie", Label.PERSON, False),
        ("Kit Carson", "Nastassja Kinski", Label.PERSON, False),
        ("Columbia University", "Columbia", Label.ORGANISATION, True),
        ("International Business Machines", "IBM", Label.ORGANISATION, True),
        ("Bourbon County", "Eiffel", Label.ORGANISATION, False),
    ],
)
def test_which_names_may_be_of_one_bearer(one: str, other: str, label: Label, expected: bool) -> None:
    assert same_bearer(one, other, label) is expected
    assert same_bearer(other, one, label) is expected


def test_mentions_of_one_spelling_are_decided_together() -> None:
    read = extraction(("Paris", Label.LOCATION), ("France", Label.LOCATION), ("PARIS", Label.LOCATION))
    assert members(groups(read)) == [(0, 2), (1,)]


def test_times_and_numbers_are_in_no_group() -> None:
    assert groups(extraction(("1912", Label.TIME), ("seven", Label.NUMBER))) == ()


def test_pronouns_and_common_nouns_have_no_names() -> None:
    read = extraction(("he", Label.PERSON), ("the company", Label.ORGANISATION), ("mathematics", Label.OTHER))
    assert [group.names for group in groups(read)] == [(), (), ()]
    assert [group.names for group in groups(read, common_nouns=True)] == [(), (), ("mathematics",)]


def test_a_short_name_knows_the_longer_ones() -> None:
    read = extraction(
        ("Margaret Thatcher", Label.PERSON), ("Denis Thatcher", Label.PERSON), ("Thatcher", Label.PERSON)
    )
    short = groups(read)[2]
    assert short.longer == ("Denis Thatcher", "Margaret Thatcher")
    assert groups(read)[0].longer == ()


def test_a_short_name_joins_the_only_longer_one() -> None:
    read = extraction(
        ("Thatcher", Label.PERSON), ("Margaret Thatcher", Label.PERSON), ("Finchley", Label.LOCATION)
    )
    assert groups(read)[0] == Group((0, 1), ("Margaret Thatcher", "Thatcher"), Label.PERSON)


def test_names_of_different_kinds_are_decided_apart() -> None:
    place, person = ("Washington", Label.LOCATION), ("Washington", Label.PERSON)
    assert members(groups(extraction(place, person, place))) == [(0, 2), (1,)]


def test_a_longer_name_of_another_kind_is_not_meant() -> None:
    read = extraction(("Paris Hilton", Label.PERSON), ("Paris", Label.LOCATION))
    assert groups(read)[1].longer == ()


def test_every_entity_mention_is_in_one_group() -> None:
    read = extraction(
        ("A B", Label.PERSON),
        ("B", Label.PERSON),
        ("it", Label.OTHER),
        ("C", Label.OTHER),
        clusters=((1, 2), (3,)),
    )
    assert sorted(place for group in groups(read) for place in group.members) == [0, 1, 2, 3]
