"""What kind of thing an entity is: from its types to the labels that an extractor tags.

`Entity.types` ends with the general classes that its own classes lie under (an index puts them
there when it is built), so that the kind of an entity is known from the entity alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kgbuild.records import Entity, Label

ROOTS: dict[str, tuple[str, Label]] = {
    "Q12737077": ("occupation", Label.OTHER),
    "Q4164871": ("position", Label.OTHER),
    "Q5": ("human", Label.PERSON),
    "Q95074": ("fictional character", Label.PERSON),
    "Q34770": ("language", Label.OTHER),
    "Q41710": ("ethnic group", Label.OTHER),
    "Q618779": ("award", Label.OTHER),
    "Q16521": ("taxon", Label.OTHER),
    "Q202444": ("given name", Label.OTHER),
    "Q101352": ("family name", Label.OTHER),
    "Q4167410": ("disambiguation page", Label.OTHER),
    "Q15642541": ("territory", Label.LOCATION),
    "Q43229": ("organisation", Label.ORGANISATION),
    "Q27096213": ("location", Label.LOCATION),
    "Q1656682": ("event", Label.OTHER),
    "Q17537576": ("creative work", Label.OTHER),
    "Q11862829": ("academic discipline", Label.OTHER),
    "Q2424752": ("product", Label.OTHER),
    "Q16889133": ("class", Label.OTHER),
}
"""The general classes, in the order in which the first that holds decides the kind."""

CLASS = "Q16889133"
"""The general class of items that are classes themselves."""

WORDS = {name: root for root, (name, _) in ROOTS.items()} | {
    "person": "Q5",
    "organization": "Q43229",
    "place": "Q27096213",
    "work": "Q17537576",
    "other": "Q16889133",
}
"""Words for general classes in tables of one's own."""


def root_named(word: str) -> str | None:
    """The general class that an English word names, or None.

    >>> root_named("Person"), root_named("zebra")
    ('Q5', None)
    """
    return WORDS.get(word.casefold())


def kind(entity: Entity) -> Label | None:
    """The label that a mention of this entity should have, or None where its types do not say.

    >>> kind(Entity("Q64", "Berlin", types=("Q515", "Q27096213")))
    <Label.LOCATION: 'location'>
    """
    held = set(entity.types)
    for root, (_, label) in ROOTS.items():
        if root in held:
            return label
    return Label.OTHER if entity.types else None


class Classes:
    """The subclass order of a knowledge base, asked which general classes lie above a class."""

    def __init__(self, parents: Mapping[str, Iterable[str]]) -> None:
        self._parents = {child: tuple(above) for child, above in parents.items()}
        self._known: dict[str, frozenset[str]] = {}

    def roots(self, types: Iterable[str]) -> tuple[str, ...]:
        """The general classes of `ROOTS` above any of these types, or among them, in their order.

        `CLASS` is not among them: it is said of an item that is a class, not of the class' items.

        >>> Classes({"Q515": ["Q486972"], "Q486972": ["Q27096213"]}).roots(["Q515"])
        ('Q27096213',)
        """
        held: set[str] = set()
        for name in types:
            held |= self._above(name)
        return tuple(root for root in ROOTS if root in held)

    def _above(self, name: str) -> frozenset[str]:
        """The general classes that one class lies under; cycles end the walk."""
        if name not in self._known:
            seen, stack = {name}, [name]
            while stack:
                for parent in self._parents.get(stack.pop(), ()):
                    if parent not in seen:
                        seen.add(parent)
                        stack.append(parent)
            self._known[name] = frozenset((seen & ROOTS.keys()) - {CLASS})
        return self._known[name]
