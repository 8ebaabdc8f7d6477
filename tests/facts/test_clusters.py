from kgbuild.facts.clusters import describe, resolve
from kgbuild.iris import Iris
from kgbuild.records import Candidate, Document, Entity, Extraction, Label, Link, Mention

IRIS = Iris()
DOCUMENT = Document("a", "https://kg.example.org/document/news/a", "")
MAYBE = (Candidate("Q1", "Ann Lee", 0.3),)


def mention(start: int, text: str, label: Label = Label.PERSON, score: float = 0.9) -> Mention:
    return Mention(start, start + len(text), text, label, score)


def extraction(*mentions: Mention, clusters: tuple[tuple[int, ...], ...] = ()) -> Extraction:
    return Extraction("a", 0, 1000, mentions, clusters=clusters)


def test_links_of_a_cluster_vote_by_score() -> None:
    read = extraction(mention(0, "Ann Lee"), mention(20, "Lee"), mention(30, "Ann"), clusters=((0, 1, 2),))
    links = [Link(0, "Q1", 0.6), Link(1, "Q2", 0.5), Link(2, "Q2", 0.4)]
    (cluster,) = resolve(DOCUMENT, read, links, IRIS)
    assert (cluster.entity, cluster.score) == ("Q2", 0.5)


def test_a_name_that_was_refused_votes_against_and_an_unknown_one_does_not() -> None:
    read = extraction(mention(0, "Ann Lee"), mention(20, "Lee"), clusters=((0, 1),))
    refused = resolve(DOCUMENT, read, [Link(0, None, 0.9, MAYBE), Link(1, "Q2", 0.5)], IRIS)
    unknown = resolve(DOCUMENT, read, [Link(0, None, 1.0), Link(1, "Q2", 0.5)], IRIS)
    assert refused[0].entity == IRIS.local_entity(DOCUMENT.uri, "person ann lee")
    assert unknown[0].entity == "Q2"


def test_pronouns_alone_have_no_entity() -> None:
    read = extraction(mention(0, "She"), mention(9, "her"), mention(20, "the company"), clusters=((0, 1),))
    assert [cluster.entity for cluster in resolve(DOCUMENT, read, [], IRIS)] == [None, None]


def test_values_are_in_no_cluster() -> None:
    read = extraction(mention(0, "Ann Lee"), mention(20, "1990", Label.TIME), clusters=((0, 1),))
    (cluster,) = resolve(DOCUMENT, read, [], IRIS)
    assert cluster.mentions == (0,)


def test_a_lone_mention_joins_its_name() -> None:
    read = extraction(
        mention(0, "Ann Lee"),
        mention(20, "she"),
        mention(40, "Ann  Lee’s"),
        mention(60, "Bo"),
        mention(80, "Bo"),
        clusters=((0, 1),),
    )
    clusters = resolve(DOCUMENT, read, [], IRIS)
    assert [cluster.mentions for cluster in clusters] == [(0, 1, 2), (3, 4)]


def test_local_entities_do_not_depend_on_order_or_offsets_of_mentions() -> None:
    here = extraction(mention(0, "Lee"), mention(20, "Ann Lee"), clusters=((0, 1),))
    there = extraction(mention(50, "Ann Lee"), mention(90, "Lee"), clusters=((1, 0),))
    assert (
        resolve(DOCUMENT, here, [], IRIS)[0].entity
        == resolve(DOCUMENT, there, [], IRIS)[0].entity
        == IRIS.local_entity(DOCUMENT.uri, "person ann lee")
    )


def test_two_clusters_of_one_name_are_two_entities() -> None:
    read = extraction(
        mention(0, "Ann Lee"), mention(20, "she"), mention(40, "Ann Lee"), mention(60, "her"),
        clusters=((0, 1), (2, 3)),
    )  # fmt: skip
    first, second = resolve(DOCUMENT, read, [], IRIS)
    assert first.entity == IRIS.local_entity(DOCUMENT.uri, "person ann lee")
    assert second.entity == IRIS.local_entity(DOCUMENT.uri, "person ann lee 2")


def test_the_label_with_most_score_wins() -> None:
    read = extraction(
        mention(0, "Acme", Label.PERSON, 0.9),
        mention(9, "Acme", Label.ORGANISATION, 0.5),
        mention(20, "Acme Inc", Label.ORGANISATION, 0.5),
        clusters=((0, 1, 2),),
    )
    (cluster,) = resolve(DOCUMENT, read, [], IRIS)
    assert cluster.label is Label.ORGANISATION
    assert cluster.labels == {Label.PERSON, Label.ORGANISATION}


def test_description_from_names() -> None:
    read = extraction(mention(0, "Lee"), mention(20, "Ann Lee"), mention(40, "she"), clusters=((0, 1, 2),))
    clusters = resolve(DOCUMENT, read, [], IRIS)
    assert clusters[0].entity is not None
    described = describe(clusters, None)
    assert described == {clusters[0].entity: Entity(clusters[0].entity, "Ann Lee", ("Lee",), types=("Q5",))}


class OneItem:
    version = "1"

    def candidates(self, surface: str, limit: int = 30) -> tuple[Candidate, ...]:
        return ()

    def entity(self, id: str) -> Entity | None:
        return Entity("Q1", "Ann Lee", description="writer") if id == "Q1" else None


def test_description_from_the_knowledge_base() -> None:
    read = extraction(mention(0, "Lee"), mention(20, "Bo"))
    clusters = resolve(DOCUMENT, read, [Link(0, "Q1", 0.9), Link(1, "Q2", 0.9)], IRIS)
    described = describe(clusters, OneItem())
    assert described["Q1"].description == "writer"
    assert described["Q2"] == Entity("Q2", "Bo", types=("Q5",))
