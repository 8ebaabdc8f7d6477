"""Units of measurement and currencies: how English writes them, and their Wikidata items."""

from __future__ import annotations

import re

PERCENT = "Q11229"

_UNITS: dict[str, str] = {
    "Q11573": "m|metre|metres|meter|meters",
    "Q828224": "km|kilometre|kilometres|kilometer|kilometers",
    "Q174728": "cm|centimetre|centimetres|centimeter|centimeters",
    "Q174789": "mm|millimetre|millimetres|millimeter|millimeters",
    "Q3710": "ft|foot|feet",
    "Q218593": "inch|inches",
    "Q253276": "mi|mile|miles",
    "Q482798": "yd|yard|yards",
    "Q93318": "nmi|nautical mile|nautical miles",
    "Q25343": "m2|m²|sq m|square metre|square metres|square meter|square meters",
    "Q712226": "km2|km²|sq km|square km|square kilometre|square kilometres|square kilometer|"
    "square kilometers",
    "Q232291": "mi2|mi²|sq mi|square mile|square miles",
    "Q857027": "ft2|ft²|sq ft|square foot|square feet",
    "Q35852": "ha|hectare|hectares",
    "Q81292": "acre|acres",
    "Q11570": "kg|kilogram|kilograms|kilogramme|kilogrammes|kilo|kilos",
    "Q41803": "g|gram|grams|gramme|grammes",
    "Q191118": "t|tonne|tonnes|metric ton|metric tons",
    "Q100995": "lb|lbs|pounds of weight",
    "Q11574": "sec|second|seconds",
    "Q7727": "min|mins|minute|minutes",
    "Q25235": "h|hr|hrs|hour|hours",
    "Q573": "day|days",
    "Q23387": "week|weeks",
    "Q5151": "month|months",
    "Q577": "year|years",
    "Q180154": "km/h|kph|kmh|kilometres per hour|kilometers per hour|kilometres an hour",
    "Q211256": "mph|miles per hour|miles an hour",
    "Q182429": "m/s|metres per second|meters per second",
    "Q128822": "kn|knot|knots",
    "Q11582": "l|litre|litres|liter|liters",
    "Q25267": "°C|degrees Celsius|degree Celsius",
    "Q42289": "°F|degrees Fahrenheit|degree Fahrenheit",
    "Q25236": "W|watt|watts",
    "Q6982035": "MW|megawatt|megawatts",
    "Q39369": "Hz|hertz",
    "Q8799": "byte|bytes",
    PERCENT: "%|percent|per cent|pct",
    "Q4917": "US$|$|USD|U.S.$|US dollar|US dollars|U.S. dollar|U.S. dollars|dollar|dollars|American dollars",
    "Q4916": "€|EUR|euro|euros",
    "Q25224": "£|GBP|pound sterling|pounds sterling|British pounds|pound|pounds",
    "Q8146": "¥|JPY|yen|Japanese yen",
    "Q39099": "CN¥|RMB|CNY|yuan|renminbi",
    "Q80524": "₹|INR|Rs|Rs.|rupee|rupees|Indian rupees",
    "Q1104069": "C$|CA$|CAD|Canadian dollar|Canadian dollars",
    "Q259502": "A$|AU$|AUD|Australian dollar|Australian dollars",
    "Q25344": "CHF|Swiss franc|Swiss francs",
    "Q41044": "₽|RUB|ruble|rubles|rouble|roubles",
    "Q122922": "SEK|Swedish krona|Swedish kronor",
    "Q132643": "NOK|Norwegian krone|Norwegian kroner",
    "Q25417": "DKK|Danish krone|Danish kroner",
    "Q202040": "₩|KRW|won|South Korean won",
    "Q16068": "DM|Deutsche Mark|Deutsche Marks|German marks",
}

_MEASURES = {
    "Length": "Q11573 Q828224 Q174728 Q174789 Q3710 Q218593 Q253276 Q482798 Q93318",
    "Height": "Q11573 Q174728 Q174789 Q3710 Q218593 Q482798",
    "Area": "Q25343 Q712226 Q232291 Q857027 Q35852 Q81292",
    "Mass": "Q11570 Q41803 Q191118 Q100995",
    "Time": "Q11574 Q7727 Q25235 Q573 Q23387 Q5151 Q577",
    "Speed": "Q180154 Q211256 Q182429 Q128822",
    "Currency": "Q4917 Q4916 Q25224 Q8146 Q39099 Q80524 Q1104069 Q259502 Q25344 Q41044 Q122922 Q132643 "
    "Q25417 Q202040 Q16068",
}
"""The units of each quantity kind; heights are not told in kilometres and miles."""
COUNT = "Count"
"""The quantity kind of what has no unit."""

_UNITS_OF = {kind: frozenset(units.split()) for kind, units in _MEASURES.items()}

_BY_NAME = {name: unit for unit, names in _UNITS.items() for name in names.split("|")}
_BY_LOWER_NAME = {name.lower(): unit for name, unit in _BY_NAME.items() if len(name) > 2}
_LONGEST_FIRST = sorted(_BY_NAME, key=len, reverse=True)

UNIT_PATTERN = r"(?:" + "|".join(map(re.escape, _LONGEST_FIRST)) + r")(?![\w²/])"
"""Matches any of the names, the longest first, where a word ends."""

CURRENCY_BEFORE = (
    r"(?:US|U\.S\.|CA|C|AU|A)?\$|CN¥|[€£¥₹₽₩]|"
    r"(?:USD|EUR|GBP|JPY|CNY|RMB|INR|CAD|AUD|CHF|SEK|NOK|DKK|Rs\.?)(?![a-z])"
)
"""Matches what is written before an amount of money."""


def unit_item(name: str) -> str | None:
    """The item of a unit, by its symbol or name; symbols of one or two letters keep their case.

    >>> unit_item("km"), unit_item("Square Kilometres"), unit_item("furlong")
    ('Q828224', 'Q712226', None)
    """
    return _BY_NAME.get(name) or _BY_LOWER_NAME.get(name.lower())


def measures(unit: str | None, kind: str) -> bool:
    """Whether amounts in a unit (an item; None for none) are of a QUDT quantity kind.

    Of kinds that are not known here, anything may be.

    >>> measures("Q11573", "Height"), measures("Q828224", "Height"), measures(None, "Height")
    (True, False, False)
    >>> measures(None, "Count"), measures("Q11229", "Count")
    (True, False)
    """
    if kind == COUNT:
        return unit is None
    return kind not in _UNITS_OF or unit in _UNITS_OF[kind]
