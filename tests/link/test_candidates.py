"""Which entities a group of mentions may be: its own names, longer and wider ones, and parts."""

import pytest

from kgbuild.link.candidates import candidate_entities, looked_up, parts, shared_names, wider_names
from kgbuild.link.surface import Group
from kgbuild.link.table import TableIndex
from kgbuild.records import Document, Entity, Extraction, Label, Mention

INDEX = TableIndex(
    [
        Entity("Q142", "France", prior=0.8),
        Entity("Q33881", "Tour de France", prior=0.3),
        Entity("Q173", "Alabama", prior=0.7),
        Entity("Q492318", "University of Alabama", prior=0.5),
        Entity("Q41790", "Chung-Ang University"),
        Entity("Q214917", "playwright"),
        Entity("Q1196645", "Canadians", prior=0.2),
        Entity("Q16", "Canada", prior=0.8),
        Entity("Q49757", "poet", prior=0.5),
        Entity("Q1321565", "England cricket team", prior=0.3),
        Entity("Q51068", "Charles I", prior=0.2),
        Entity("Q1587677", "Prime Minister of France"),
        Entity("Q193582", "French National Assembly"),
        Entity("Q90", "Paris", facts=(("P17", "France"),), prior=0.8),
        Entity("Q5925", "Orange County", prior=0.6),
        Entity("Q1741", "Vienna", prior=0.7),
        Entity("Q23445", "black", prior=0.3),
        Entity("Q108053", "San Bernardino County"),
    ]
)


def names(text: str, name: str) -> list[str]:
    start = text.index(name)
    mention = Mention(start, start + len(name), name, Label.OTHER, 0.9)
    document, extraction = Document("d", "urn:d", text), Extraction("d", 0, len(text), (mention,))
    (group,) = looked_up(document, extraction, INDEX, common_nouns=True)
    return [entity.id for entity in candidate_entities(INDEX, group)]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("He won the Tour de France twice.", "France", "Q33881"),
        ("a player of the University of Alabama", "Alabama", "Q492318"),
        (
            "at Chung-Ang University Graduate School of Arts",
            "Chung-Ang University Graduate School of Arts",
            "Q41790",
        ),
        ("a resident playwright", "resident playwright", "Q214917"),
        ("the Canadian composer", "Canadian", "Q1196645"),
        ("the Canadian composer", "Canadian", "Q16"),
        ("She is a poet who teaches", "oet ", "Q49757"),
        ("the captain bowled in the match: English captain Strauss", "English", "Q1321565"),
        ("in Orange, Riverside and Imperial Counties", "Orange", "Q5925"),
        ("a Viennese hospital", "Viennese", "Q1741"),
        ("a blackish streak", "blackish", "Q23445"),
        ("in Riverside and San Bernardino Counties", "San Bernardino Counties", "Q108053"),
        ("when Emperor Charles I was crowned", "Emperor Charles I", "Q51068"),
    ],
)
def test_the_right_entity_is_among_them(text: str, name: str, expected: str) -> None:
    assert expected in names(text, name)


def test_a_country_is_no_team_where_nothing_tells_of_sport() -> None:
    assert "Q1321565" not in names("the English captain sailed", "English")


def test_a_wider_name_does_not_hide_the_mention_itself() -> None:
    assert names("He won the Tour de France twice.", "France")[0] == "Q142"


def test_a_group_without_names_has_no_candidates() -> None:
    assert candidate_entities(INDEX, Group((0,), (), None)) == ()


def test_no_more_candidates_than_asked_for() -> None:
    index = TableIndex([Entity(f"Q{number}", "Springfield") for number in range(1, 60)])
    assert len(candidate_entities(index, Group((0,), ("Springfield",), None), 7)) == 7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in Paris.", ()),
        ("The University of Paris Press said", ("The University of Paris Press", "The University of Paris")),
        ("met in Paris and left", ()),
        ("Then Paris", ("Then Paris",)),
    ],
)
def test_wider_names(text: str, expected: tuple[str, ...]) -> None:
    start = text.index("Paris")
    found = wider_names(text, Mention(start, start + 5, "Paris", Label.LOCATION, 0.9))
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in Paris and New Jersey County.", ("Paris County",)),
        ("in Paris, Imperial Valley and San Bernardino Counties in", ("Paris County", "Paris Counties")),
        ("in Paris and London", ()),
        ("in Paris, and then North Africa", ()),
    ],
)
def test_a_name_shares_the_last_word_of_what_follows(text: str, expected: tuple[str, ...]) -> None:
    assert shared_names(text, Mention(3, 8, "Paris", Label.LOCATION, 0.9)) == expected


def test_a_shared_word_is_part_of_the_name_where_the_index_knows_that() -> None:
    text = "North, Central and South America"
    document, extraction = given(text, ("North", Label.LOCATION))
    for label, expected in (("North America", "North America"), ("North Africa", "North")):
        (group,) = looked_up(document, extraction, TableIndex([Entity("Q49", label)]))
        assert group.name == expected


def test_parts_of_very_long_names_are_not_tried() -> None:
    assert list(parts(" ".join(["Word"] * 20))) == []


def given(text: str, *spans: tuple[str, Label]) -> tuple[Document, Extraction]:
    mentions = [
        Mention(text.index(name), text.index(name) + len(name), name, label, 0.9) for name, label in spans
    ]
    return Document("d", "urn:d", text), Extraction("d", 0, len(text), tuple(mentions))


@pytest.mark.parametrize(
    ("text", "name", "label", "expected"),
    [
        ("Prime Minister Valls said in France", "Prime Minister", Label.OTHER, "Q1587677"),
        ("Prime Minister Valls said in Paris", "Prime Minister", Label.OTHER, "Q1587677"),
        ("the National Assembly of this land, France", "National Assembly", Label.ORGANISATION, None),
        ("The National Assembly met in France", "National Assembly", Label.ORGANISATION, "Q193582"),
        ("the prime minister of Mali flew to France", "prime minister", Label.OTHER, None),
    ],
)
def test_offices_and_institutions_are_of_a_place_that_the_text_names(
    text: str, name: str, label: Label, expected: str | None
) -> None:
    document, extraction = given(
        text, (name, label), ("France" if "France" in text else "Paris", Label.LOCATION)
    )
    first, _ = looked_up(document, extraction, INDEX, common_nouns=True)
    found = [index_name for index_name in first.home if INDEX.exact(index_name)]
    assert [qid for form in found for qid in INDEX.exact(form)] == ([expected] if expected else [])
    assert expected is None or expected in [entity.id for entity in candidate_entities(INDEX, first)]


TOWN = [Entity(f"Q{n}", f"Springfield {n}", prior=n / 100) for n in range(40, 80)]
TEAM = Entity("Q9", "Springfield Isotopes", description="baseball team", prior=0.01)


@pytest.mark.parametrize(
    ("text", "found"), [("Springfield won the match by two goals", True), ("in Springfield", False)]
)
def test_teams_are_looked_for_where_the_text_tells_of_sport(text: str, found: bool) -> None:
    document, extraction = given(text, ("Springfield", Label.LOCATION))
    (group,) = looked_up(document, extraction, INDEX)
    held = candidate_entities(TableIndex([*TOWN, TEAM]), group)
    assert (TEAM in held) is found
    assert len(held) == 30
