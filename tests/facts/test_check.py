import pytest

from kgbuild.facts.check import End, Violation, find_violation
from kgbuild.ontology import Ontology, load_ontology
from kgbuild.records import Label


@pytest.fixture(scope="module")
def ontology() -> Ontology:
    return load_ontology()


def end(name: str, label: Label, *types: str) -> End:
    return End(name, frozenset({label}), types)


MARIE = end("Marie Curie", Label.PERSON, "Q5")
WARSAW = end("Warsaw", Label.LOCATION, "Q515")
ACME = end("Acme", Label.ORGANISATION)


def test_what_fits_is_allowed(ontology: Ontology) -> None:
    assert find_violation(ontology, "P19", MARIE, WARSAW) is None
    assert find_violation(ontology, "P569", MARIE) is None
    assert find_violation(ontology, "P361", ACME, WARSAW) is None


def test_domain_by_class(ontology: Ontology) -> None:
    assert find_violation(ontology, "P19", WARSAW, WARSAW) == Violation(
        "domain", "domain of P19 (place of birth) is person, Warsaw is city"
    )


def test_domain_by_mention_label(ontology: Ontology) -> None:
    assert find_violation(ontology, "P19", ACME, WARSAW) == Violation(
        "domain", "domain of P19 (place of birth) is person, Acme is tagged organisation"
    )


def test_range(ontology: Ontology) -> None:
    assert find_violation(ontology, "P19", MARIE, MARIE) == Violation(
        "range", "range of P19 (place of birth) is geographic location, Marie Curie is human"
    )


def test_a_date_must_be_tagged_a_time(ontology: Ontology) -> None:
    assert find_violation(ontology, "P569", MARIE, end("1867", Label.TIME)) is None
    violation = find_violation(ontology, "P569", MARIE, end("1867", Label.NUMBER))
    assert violation == Violation("range", "range of P569 (date of birth) is time, 1867 is tagged number")


def test_a_value_is_never_an_entity(ontology: Ontology) -> None:
    violation = find_violation(ontology, "P361", ACME, end("1867", Label.TIME))
    assert violation is not None
    assert violation.reason == "range"


def test_classes_that_the_ontology_does_not_declare_say_nothing(ontology: Ontology) -> None:
    assert find_violation(ontology, "P19", MARIE, end("X", Label.LOCATION, "Q999999999")) is None


def test_a_more_general_class_is_allowed(ontology: Ontology) -> None:
    city = end("X", Label.LOCATION, "Q999999999", "Q27096213")
    assert find_violation(ontology, "P36", city, city) is None
    violation = find_violation(ontology, "P22", city, MARIE)
    assert violation is not None
    assert violation.rule.endswith("X is geographic entity")


def test_one_type_that_fits_will_do(ontology: Ontology) -> None:
    museum = end("Louvre", Label.ORGANISATION, "Q33506", "Q16970")
    assert find_violation(ontology, "P112", museum, MARIE) is None


def test_unknown_property(ontology: Ontology) -> None:
    assert find_violation(ontology, "P999999", MARIE, WARSAW) == Violation(
        "unknown property", "P999999 is not in the ontology"
    )
