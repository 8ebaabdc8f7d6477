"""What was read of a sentence as Text2KGBench's strings: an extraction enters, triples of names leave.

An entity goes by the longest of its names in the sentence, written as Wikidata's labels are; what is
said of a pronoun that no name stands for has none, nor what a lone article was taken for. Dates and
numbers are written as the gold writes them: `24 June 2009`, and `01 January 2009` where the text gives
the year alone (Wikidata-TekGen); `2009-06-24`, `2009`, and numbers with no separators (DBpedia-WebNLG).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping

from kgbuild.extract.labels import refers
from kgbuild.facts.values import read_quantity, read_time
from kgbuild.iris import WD
from kgbuild.ontology import Ontology, ValueKind
from kgbuild.records import Extraction, Label, Mention, TimeValue

YEAR, DAY = 9, 11
_MEASURE = re.compile(
    r"(?:length|elevation.*|area.*|height|diameter|density|runtime|period|speed|velocity|temperature|apoapsis"
    r"|periapsis|mass|weight|magnitude|width|wheelbase)$",
    re.IGNORECASE,
)

_NICKNAME = re.compile(r"""\s*(?<!\w)["“][^"“”]+["”](?!\w)""")
_MIDDLE = re.compile(r"""([A-Z][\w'’-]+)(?:\s+[A-Z][\w'’-]+){1,3}\s+([A-Z][\w'’-]+)""")
_ARTICLE = re.compile(r"^(?:the\s+|The\s+(?=[a-z]))")
ARTICLES = frozenset({"the", "a", "an"})

Named = tuple[str, str, str]


def triples(extraction: Extraction, ontology: Ontology, text: str) -> dict[Named, float]:
    """(subject, property, object) as strings, each with its best score; properties as ids.

    What is said of a name and the same name is left out. `text` is the document's.
    """
    name = names(extraction, text)
    found: dict[Named, float] = {}
    read = [(each.subject, each.property, name.get(each.object), each.score) for each in extraction.relations]
    read += [
        (each.subject, each.property, value(each.text, each.property, ontology), each.score)
        for each in extraction.attributes
    ]
    for subject, property_id, object_, score in read:
        if subject in name and object_ not in (None, name[subject]):
            key = (name[subject], property_id, object_)
            found[key] = max(found.get(key, 0.0), score)
    return found


def names(extraction: Extraction, text: str) -> Mapping[int, str]:
    """The name of each mention's entity, by the mention's position; none for a lone pronoun or article."""
    clustered = {position for group in extraction.clusters for position in group}
    alone = ((position,) for position in range(len(extraction.mentions)) if position not in clustered)
    found = {}
    for group in (*extraction.clusters, *alone):
        mentions = [extraction.mentions[position] for position in group]
        proper = [label(each, text) for each in mentions if not refers(each.text)]
        proper = [name for name in proper if name and name.casefold() not in ARTICLES]
        if proper:
            found.update(dict.fromkeys(group, max(proper, key=len)))
    return found


def label(mention: Mention, text: str) -> str:
    """A mention as Wikidata would label it.

    An article that is none of the name and nicknames in quotes are left out, and the middle names of a
    person where a text on her opens with them; initials and particles stay.

    >>> text = "Olga Nikolayevna Kaniskina (born 1985)"
    >>> label(Mention(0, 26, text[:26], Label.PERSON, 1.0), text)
    'Olga Kaniskina'
    """
    name = _NICKNAME.sub("", _ARTICLE.sub("", mention.text)).strip() or mention.text
    opens = text[: mention.start].strip() == "" and text[mention.end :].lstrip().startswith("(")
    middle = _MIDDLE.fullmatch(name) if opens and mention.label is Label.PERSON else None
    return f"{middle[1]} {middle[2]}" if middle else name


def value(text: str, property_id: str, ontology: Ontology) -> str:
    """A date or number as the gold writes it; the text itself where it is neither."""
    definition = ontology.properties[property_id]
    wikidata = definition.id.startswith("P") or definition.iri.startswith(WD)
    if definition.kind is ValueKind.TIME:
        time = read_time(text)
        if time is None or time.precision < YEAR or time.year < 1:
            return text
        return _day_month_year(time) if wikidata else _iso(time)
    if definition.kind is ValueKind.QUANTITY and not wikidata:
        quantity = read_quantity(text)
        if quantity is not None:
            plain = format(quantity.amount, "f")
            measured = _MEASURE.search(definition.id) and "." not in plain
            return plain + ".0" if measured else plain
    return text


def _day_month_year(time: TimeValue) -> str:
    """
    >>> _day_month_year(TimeValue(2009)), _day_month_year(TimeValue(2009, 6, 24, 11))
    ('01 January 2009', '24 June 2009')
    """
    return f"{time.day or 1:02d} {calendar.month_name[time.month or 1]} {time.year}"


def _iso(time: TimeValue) -> str:
    """
    >>> _iso(TimeValue(2009)), _iso(TimeValue(2009, 6, 24, 11))
    ('2009', '2009-06-24')
    """
    return f"{time.year:04d}-{time.month:02d}-{time.day:02d}" if time.day and time.month else str(time.year)
