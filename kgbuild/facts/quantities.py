"""English numbers with their units to quantities.

What is not one amount (a range, a bound such as "more than 50", a rate, an ordinal) has no reading.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from text_to_num import text2num  # type: ignore[import-untyped]

from kgbuild.facts.units import CURRENCY_BEFORE, UNIT_PATTERN, unit_item
from kgbuild.records import QuantityValue

_SCALES = {
    "hundred": 2,
    "thousand": 3,
    "k": 3,
    "million": 6,
    "mln": 6,
    "mn": 6,
    "m": 6,
    "billion": 9,
    "bn": 9,
    "b": 9,
    "trillion": 12,
    "tn": 12,
}
_PARTS = {"half": Decimal("0.5"), "quarter": Decimal("0.25")}
_FRACTIONS = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}
_NUMBER = r"[+-]?(?:\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_POWER = r"(?: ?[x×*] ?10(?:\^|\*\*)?(?P<power>[+-]?\d{1,2})|[eE](?P<exponent>[+-]?\d{1,2}))"
_SCALE = r"hundred|thousand|million|billion|trillion|mln|mn|bn|tn"
_SCALE_AFTER = re.compile(rf"[ \u00a0-]?(?:{_SCALE})\b", re.IGNORECASE)
_AMOUNT = re.compile(
    rf"(?P<before>{CURRENCY_BEFORE})? ?"
    rf"(?P<number>{_NUMBER})(?P<fraction>[½¼¾])?{_POWER}?"
    rf"(?:[ -]?(?P<scale>{_SCALE})\b"
    r"|(?P<letter>[kmb])(?![\w²/]))?"
    rf"(?:[ -]?(?P<unit>{UNIT_PATTERN}))?"
    r"(?: (?P<noun>.+))?",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:about|around|approximately|approx\.?|roughly|some|nearly|almost|circa|ca?\.|ca|an estimated|"
    r"estimated|exactly|just|only|a total of|total of|the|~|≈)[ ]*(?=\S)",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"(?P<words>(?:(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    r"fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    r"hundred|thousand|million|billion|trillion|and|half|dozen|quarter|"
    r"a(?= hundred| thousand| million| billion| dozen| half| quarter))\b[ -]?)+)(?P<rest>.*)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:[a-z-]+ ){0,2}(?:people|persons|inhabitants|residents|citizens|men|women|children|students|pupils|"
    r"employees|workers|staff|soldiers|troops|members|speakers|deaths|casualties|dead|killed|injured|wounded|"
    r"victims|seats|spectators|viewers|passengers|households|families|pages|episodes|seasons|floors|storeys|"
    r"stories|copies|units|items|times|goals|points|games|matches|votes|books|films|songs|albums|species|"
    r"houses|homes|buildings|ships|aircraft|cars|vehicles|cities|towns|villages|islands|countries|schools|"
    r"above sea level|tall|high|long|wide|deep|old|thick|in (?:all|total|height|length|width|area|size))",
    re.IGNORECASE,
)


def read_quantity(text: str) -> QuantityValue | None:
    """The amount and unit that an English phrase names, or None where it names none.

    What is merely counted ("50 people") leaves a bare number.

    >>> read_quantity("3.2 million")
    QuantityValue(amount=Decimal('3200000'), unit=None)
    >>> read_quantity("US$1,250.50")
    QuantityValue(amount=Decimal('1250.50'), unit='Q4917')
    >>> read_quantity("twenty-five kilometres")
    QuantityValue(amount=Decimal('25'), unit='Q828224')
    >>> read_quantity("10-12 km") is None
    True
    """
    phrase = _normalise(text)
    spelled = _spelled(phrase)
    match = _AMOUNT.fullmatch(spelled) if spelled else None
    if match is None:
        return None
    if match["noun"] and not _COUNTED.fullmatch(match["noun"]):
        return None
    if match["letter"] == "m" and not (match["before"] or match["unit"] or match["noun"]):
        return QuantityValue(_written(match), unit_item("m"))
    names = [name for name in (match["before"], match["unit"]) if name]
    units = {unit_item(name) for name in names}
    if None in units or len(units) > 1:
        return None
    return QuantityValue(_amount(match), units.pop() if units else None)


def quantity_at(text: str, start: int, end: int) -> QuantityValue | None:
    """The quantity written at `start`:`end` of a text, with the unit that stands next to it.

    A span often holds the number alone; the symbol before it, and the "million" and unit after it, are
    its own.

    >>> quantity_at("It covers 1,200 square kilometres.", 10, 15)
    QuantityValue(amount=Decimal('1200'), unit='Q712226')
    >>> quantity_at("It earned $394 million in 2022.", 10, 14)
    QuantityValue(amount=Decimal('394000000'), unit='Q4917')
    """
    scale = _SCALE_AFTER.match(text, end)
    end = scale.end() if scale else end
    value = read_quantity(text[start:end])
    if value is None or value.unit:
        return value
    after = re.match(rf"[  -]?(?:{UNIT_PATTERN})", text[end : end + 40], re.IGNORECASE)
    before = re.search(rf"(?:{CURRENCY_BEFORE}) ?$", text[max(0, start - 5) : start])
    wider_start = start - len(before.group()) if before else start
    wider_end = end + len(after.group()) if after else end
    return read_quantity(text[wider_start:wider_end]) or value


def _normalise(text: str) -> str:
    phrase = re.sub(r"\s+", " ", text.replace("−", "-"))
    phrase = unicodedata.normalize("NFC", phrase).strip(" \"'“”‘’()[],;:")
    phrase = phrase.rstrip(".")
    previous = ""
    while previous != phrase:
        previous = phrase
        phrase = _LEAD.sub("", phrase)
    return phrase


def _spelled(phrase: str) -> str | None:
    """The phrase with its number in digits: "two hundred km" is "200 km"; None where it has no number."""
    if phrase[:1] in _FRACTIONS:
        return f"{_FRACTIONS[phrase[0]]}{phrase[1:]}"
    match = _WORDS.fullmatch(phrase)
    if match is None:
        return phrase
    words = match["words"].lower().replace("-", " ").split()
    number = _number_of(words)
    rest = match["rest"].strip(" -")
    return None if number is None else f"{number:f} {rest}".strip()


def _number_of(words: list[str]) -> Decimal | None:
    """The number that words spell, with the fractions and dozens of everyday English."""
    scale = Decimal(1)
    fraction = next((word for word in words if word in _PARTS), None)
    while words and words[-1] in _SCALES and (fraction or words[-2:-1] == ["dozen"]):
        scale *= Decimal(10) ** _SCALES[words.pop()]
    if words[-1:] == ["dozen"]:
        scale *= 12
        words = words[:-1]
    if fraction:
        words = words[: words.index(fraction)]
        while words and words[-1] in ("a", "and"):
            words = words[:-1]
        if not words:
            return _plain(_PARTS[fraction] * scale)
    spelled = " ".join("one" if word == "a" else word for word in words or ["one"])
    try:
        return _plain((Decimal(text2num(spelled, "en")) + _PARTS.get(fraction or "", Decimal(0))) * scale)
    except ValueError:
        return None


def _written(match: re.Match[str]) -> Decimal:
    """The number as it is written, with no scale."""
    return Decimal(re.sub(r"[, ]", "", match["number"])) + _FRACTIONS.get(match["fraction"], Decimal(0))


def _amount(match: re.Match[str]) -> Decimal:
    """The number with its powers of ten, written out."""
    power = int(match["power"] or match["exponent"] or 0)
    power += _SCALES.get((match["scale"] or match["letter"] or "").lower(), 0)
    amount = _written(match)
    return _plain(amount.scaleb(power)) if power else amount


def _plain(amount: Decimal) -> Decimal:
    """The same number with no exponent and no zeros at its end."""
    return Decimal(format(amount.normalize(), "f"))
