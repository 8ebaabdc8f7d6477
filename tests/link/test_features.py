"""Features of candidates, one by one."""

from collections.abc import Callable

import numpy as np
import pytest

from kgbuild.link.features import CANDIDATE_FEATURES, GROUP_FEATURES, Case, Features
from kgbuild.link.surface import groups
from kgbuild.records import Document, Entity, Extraction, Label, Mention

PARIS = Entity(
    "Q90",
    "Paris",
    ("City of Light",),
    "city; country France",
    ("Q515", "Q15642541"),
    (("P17", "France"),),
    0.8,
)
TEXAS = Entity("Q830149", "Paris", ("Paris, Texas",), "city; in Texas", ("Q515",), (("P131", "Texas"),), 0.2)
HILTON = Entity("Q47899", "Paris Hilton", (), "socialite", ("Q5",), (), 0.6)
FRANCE = Entity("Q142", "France", (), "country; capital Paris", ("Q6256",), (("P36", "Paris"),), 0.9)

Lookup = Callable[[str], float]


def case(
    text: str, candidates: list[list[Entity]], *names: tuple[str, Label], score: float = 0.9
) -> list[Case]:
    mentions, start = [], 0
    for name, label in names:
        start = text.index(name, start)
        mentions.append(Mention(start, start + len(name), name, label, score))
        start += len(name)
    extraction = Extraction("d", 0, len(text), tuple(mentions))
    return Features({"the": 0.1, "is": 0.3}).cases(
        Document("d", "urn:d", text), extraction, groups(extraction), candidates
    )


def column(made: Case, name: str) -> list[float]:
    if name in GROUP_FEATURES:
        return [float(made.group[GROUP_FEATURES.index(name)])]
    return made.candidates[:, CANDIDATE_FEATURES.index(name)].round(4).tolist()


@pytest.fixture
def paris() -> Case:
    text = "Paris is the capital of France."
    held = [[PARIS, TEXAS, HILTON], [FRANCE]]
    return case(text, held, ("Paris", Label.LOCATION), ("France", Label.LOCATION))[0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("prior", [0.8, 0.2, 0.6]),
        ("prior_share", [0.8, 0.2, 0.6]),
        ("most_popular", [1.0, 0.0, 0.0]),
        ("label_match", [1.0, 1.0, 0.0]),
        ("written_so", [1.0, 1.0, 0.0]),
        ("holds_words", [1.0, 1.0, 1.0]),
        ("begins_so", [0.0, 1.0, 1.0]),
        ("facts_mentioned", [round(float(np.log(2)), 4), 0.0, 0.0]),
        ("rank_by_words", [1.0, 0.5, 0.5]),
        ("company_related", [round(float(np.log(3)), 4), round(float(np.log(2)), 4), 0.0]),
        ("kind_agrees", [1.0, 0.0, 0.0]),
        ("kind_differs", [0.0, 1.0, 1.0]),
        ("is_human", [0.0, 0.0, 1.0]),
        ("location_is_person", [0.0, 0.0, 1.0]),
        ("candidates", [round(float(np.log(4)), 4)]),
        ("exact_candidates", [round(float(np.log(3)), 4)]),
        ("no_exact", [0.0]),
        ("one_word", [1.0]),
        ("label_location", [1.0]),
        ("label_unknown", [0.0]),
    ],
)
def test_features_of_paris(paris: Case, name: str, expected: list[float]) -> None:
    assert [round(value, 4) for value in column(paris, name)] == pytest.approx(expected, abs=2e-4)


def test_a_longer_name_in_the_document_counts_for_and_against() -> None:
    text = "Paris Hilton spoke. Paris smiled."
    names = ("Paris Hilton", Label.PERSON), ("Paris", Label.PERSON)
    made = case(text, [[HILTON], [HILTON, PARIS]], *names, score=0.0)
    assert column(made[1], "longer_match") == [1.0, 0.0]
    assert column(made[1], "longer_miss") == [0.0, 1.0]
    assert column(made[1], "has_longer") == [1.0]


def test_an_unlabelled_mention_says_nothing_of_kinds() -> None:
    made = case("Paris is big.", [[PARIS]], ("Paris", Label.OTHER), score=0.0)[0]
    assert column(made, "label_unknown") == [1.0]
    for name in ("kind_agrees", "kind_differs", "other_is_location", "label_other"):
        assert column(made, name) == [0.0]


def test_without_candidates_there_are_no_rows() -> None:
    made = case("Paris is big.", [[]], ("Paris", Label.LOCATION))[0]
    assert made.candidates.shape == (0, len(CANDIDATE_FEATURES))
    assert made.group.shape == (len(GROUP_FEATURES),)


def test_how_a_mention_is_used() -> None:
    made = case("the French composer", [[]], ("French", Label.LOCATION))[0]
    assert (column(made, "is_demonym"), column(made, "before_noun")) == ([1.0], [1.0])
    made = case("said Dr. Smith.", [[]], ("Smith", Label.PERSON))[0]
    assert (column(made, "after_title"), column(made, "before_noun")) == ([1.0], [0.0])


def test_the_number_of_an_id_is_no_feature() -> None:
    low, high = Entity("Q1", "Paris", prior=0.5), Entity("Q99999999", "Paris", prior=0.5)
    rows = case("Paris is big.", [[low, high]], ("Paris", Label.LOCATION))[0].candidates
    assert rows[0].tolist() == rows[1].tolist()


AMERICANS = Entity(
    "Q846570", "Americans", ("American",), "citizens of the United States", ("Q41710",), (), 0.4
)
STATES = Entity("Q30", "United States of America", (), "country", ("Q15642541",), (), 0.8)


@pytest.mark.parametrize(
    ("text", "feature", "expected"),
    [
        ("an American playwright", "is_as_asked", [1.0, 0.0]),
        ("an American playwright", "is_not_as_asked", [0.0, 1.0]),
        ("an American war film", "is_as_asked", [0.0, 1.0]),
        ("the American was late", "is_people_alone", [1.0, 0.0]),
        ("an American playwright", "is_people_alone", [0.0, 0.0]),
        ("an American playwright", "asks_for_people", [1.0]),
        ("an American war film", "asks_for_people", [0.0]),
    ],
)
def test_adjectives_of_countries(text: str, feature: str, expected: list[float]) -> None:
    (made,) = case(text, [[AMERICANS, STATES]], ("American", Label.LOCATION))
    assert column(made, feature) == expected


def test_an_adjective_stands_for_its_country_where_statements_ask_for_it() -> None:
    text = "an American playwright"
    extraction = Extraction("d", 0, len(text), (Mention(3, 11, "American", Label.LOCATION, 0.9),))
    for nations in (False, True):
        (made,) = Features({}).cases(
            Document("d", "urn:d", text),
            extraction,
            groups(extraction),
            [[AMERICANS, STATES]],
            nations=nations,
        )
        assert column(made, "is_as_asked") == [float(not nations), float(nations)]
        assert column(made, "asks_for_people") == [float(not nations)]


def test_a_plural_asks_for_the_people() -> None:
    (made,) = case("all Americans agreed", [[AMERICANS, STATES]], ("Americans", Label.LOCATION))
    assert column(made, "is_as_asked") == [1.0, 0.0]


def test_the_sport_of_a_team_is_compared_with_that_of_the_text() -> None:
    sox = Entity("Q213959", "Boston Red Sox", description="baseball team in Boston")
    bruins = Entity("Q194121", "Boston Bruins", description="ice hockey team in Boston")
    boston = Entity("Q100", "Boston", description="city")
    text = "The pitcher of Boston hit a homer in the last inning."
    (made,) = case(text, [[sox, bruins, boston]], ("Boston", Label.LOCATION))
    lead = round(float(np.log(4)), 4)
    assert column(made, "team_of_sport_near") == pytest.approx([lead, -lead, 0.0], abs=1e-3)
    assert column(made, "sport_in_document") == pytest.approx([lead, -lead, 0.0], abs=1e-3)


def test_the_place_after_a_comma_is_compared() -> None:
    georgia = Entity("Q986200", "Decatur", description="city", facts=(("P131", "Georgia"),))
    illinois = Entity("Q506325", "Decatur", description="city", facts=(("P131", "Illinois"),))
    (made,) = case("in Decatur , Ga. , near", [[georgia, illinois]], ("Decatur", Label.LOCATION))
    assert column(made, "next_place") == [1.0, 0.0]
    assert column(made, "no_next_place") == [0.0, 1.0]
    (made,) = case("in Decatur near", [[georgia, illinois]], ("Decatur", Label.LOCATION))
    assert column(made, "next_place") == column(made, "no_next_place") == [0.0, 0.0]
