"""Adjectives and people of countries: what "American" or "the Dutch" may stand for."""

from __future__ import annotations

from functools import lru_cache

COUNTRIES: dict[str, str] = {
    "afghan": "Afghanistan",
    "african": "Africa",
    "albanian": "Albania",
    "algerian": "Algeria",
    "american": "United States of America",
    "angolan": "Angola",
    "argentine": "Argentina",
    "armenian": "Armenia",
    "asian": "Asia",
    "australian": "Australia",
    "austrian": "Austria",
    "azerbaijani": "Azerbaijan",
    "bangladeshi": "Bangladesh",
    "belarusian": "Belarus",
    "belgian": "Belgium",
    "bolivian": "Bolivia",
    "bosnian": "Bosnia and Herzegovina",
    "brazilian": "Brazil",
    "british": "United Kingdom",
    "bulgarian": "Bulgaria",
    "burmese": "Myanmar",
    "cambodian": "Cambodia",
    "cameroonian": "Cameroon",
    "canadian": "Canada",
    "chilean": "Chile",
    "chinese": "People's Republic of China",
    "colombian": "Colombia",
    "congolese": "Democratic Republic of the Congo",
    "costa rican": "Costa Rica",
    "croatian": "Croatia",
    "cuban": "Cuba",
    "cypriot": "Cyprus",
    "czech": "Czech Republic",
    "danish": "Denmark",
    "dominican": "Dominican Republic",
    "dutch": "Netherlands",
    "ecuadorian": "Ecuador",
    "egyptian": "Egypt",
    "emirati": "United Arab Emirates",
    "english": "England",
    "estonian": "Estonia",
    "ethiopian": "Ethiopia",
    "european": "Europe",
    "filipino": "Philippines",
    "finnish": "Finland",
    "french": "France",
    "georgian": "Georgia",
    "german": "Germany",
    "ghanaian": "Ghana",
    "greek": "Greece",
    "guatemalan": "Guatemala",
    "haitian": "Haiti",
    "honduran": "Honduras",
    "hungarian": "Hungary",
    "icelandic": "Iceland",
    "indian": "India",
    "indonesian": "Indonesia",
    "iranian": "Iran",
    "iraqi": "Iraq",
    "irish": "Ireland",
    "israeli": "Israel",
    "italian": "Italy",
    "jamaican": "Jamaica",
    "japanese": "Japan",
    "jordanian": "Jordan",
    "kazakh": "Kazakhstan",
    "kenyan": "Kenya",
    "korean": "South Korea",
    "kuwaiti": "Kuwait",
    "latvian": "Latvia",
    "lebanese": "Lebanon",
    "libyan": "Libya",
    "lithuanian": "Lithuania",
    "luxembourgish": "Luxembourg",
    "macedonian": "North Macedonia",
    "malaysian": "Malaysia",
    "maltese": "Malta",
    "mexican": "Mexico",
    "moldovan": "Moldova",
    "mongolian": "Mongolia",
    "montenegrin": "Montenegro",
    "moroccan": "Morocco",
    "nepalese": "Nepal",
    "new zealander": "New Zealand",
    "nigerian": "Nigeria",
    "north korean": "North Korea",
    "norwegian": "Norway",
    "pakistani": "Pakistan",
    "palestinian": "State of Palestine",
    "panamanian": "Panama",
    "paraguayan": "Paraguay",
    "peruvian": "Peru",
    "philippine": "Philippines",
    "polish": "Poland",
    "portuguese": "Portugal",
    "puerto rican": "Puerto Rico",
    "qatari": "Qatar",
    "romanian": "Romania",
    "russian": "Russia",
    "saudi": "Saudi Arabia",
    "scottish": "Scotland",
    "senegalese": "Senegal",
    "serbian": "Serbia",
    "singaporean": "Singapore",
    "slovak": "Slovakia",
    "slovenian": "Slovenia",
    "somali": "Somalia",
    "south african": "South Africa",
    "south korean": "South Korea",
    "soviet": "Soviet Union",
    "spanish": "Spain",
    "sri lankan": "Sri Lanka",
    "sudanese": "Sudan",
    "swedish": "Sweden",
    "swiss": "Switzerland",
    "syrian": "Syria",
    "taiwanese": "Taiwan",
    "tanzanian": "Tanzania",
    "thai": "Thailand",
    "tunisian": "Tunisia",
    "turkish": "Turkey",
    "ugandan": "Uganda",
    "ukrainian": "Ukraine",
    "uruguayan": "Uruguay",
    "venezuelan": "Venezuela",
    "vietnamese": "Vietnam",
    "welsh": "Wales",
    "yemeni": "Yemen",
    "yugoslav": "Yugoslavia",
    "zimbabwean": "Zimbabwe",
}
"""Adjectives, in lower case, with the English label of the country's (or continent's) item."""

REGIONS: dict[str, str] = {
    **{"bavarian": "Bavaria", "californian": "California", "catalan": "Catalonia", "flemish": "Flanders"},
    **{"florentine": "Florence", "hawaiian": "Hawaii", "latin american": "Latin America"},
    **{"londoner": "London", "mediterranean": "Mediterranean Sea", "milanese": "Milan"},
    **{"neapolitan": "Naples", "parisian": "Paris", "prussian": "Prussia", "roman": "Rome"},
    **{"saxon": "Saxony", "siberian": "Siberia", "sicilian": "Sicily", "texan": "Texas"},
    **{"tibetan": "Tibet", "tuscan": "Tuscany", "venetian": "Venice", "viennese": "Vienna"},
}
"""Adjectives of cities and regions, in lower case, with the English label of the place's item."""

_COMPASS = frozenset(
    ["north", "south", "east", "west", "northern", "southern", "eastern", "western", "central"]
)
_PLURALS = {"poles": "polish", "danes": "danish", "swedes": "swedish", "finns": "finnish", "turks": "turkish"}


@lru_cache(maxsize=65536)
def country_of(word: str) -> str | None:
    """The label of the country that an adjective, or the name of its people, belongs to.

    >>> country_of("Italian"), country_of("the Dutch"), country_of("Americans"), country_of("red")
    ('Italy', 'Netherlands', 'United States of America', None)
    """
    plain = word.lower().removeprefix("the ")
    plain = _PLURALS.get(plain, plain)
    return COUNTRIES.get(plain) or COUNTRIES.get(plain.removesuffix("s"))


def people_of(word: str) -> tuple[str, ...]:
    """Names of the people and the language that an adjective of a country may stand for.

    >>> people_of("Canadian"), people_of("red")
    (('canadian people', 'canadians', 'canadian language'), ())
    """
    if country_of(word) is None:
        return ()
    plain = word.lower().removeprefix("the ")
    plain = _PLURALS.get(plain, plain)
    if plain not in COUNTRIES:
        plain = plain.removesuffix("s")
    return f"{plain} people", f"{plain}s", f"{plain} language"


def region_of(word: str) -> str | None:
    """The name of the city or region that an adjective belongs to.

    >>> region_of("Viennese"), region_of("southern-European"), region_of("red")
    ('Vienna', 'southern Europe', None)
    """
    plain = word.lower().removeprefix("the ")
    found = REGIONS.get(plain) or REGIONS.get(plain.removesuffix("s"))
    first, _, rest = plain.replace("-", " ").partition(" ")
    if found or first not in _COMPASS or not rest:
        return found
    country = country_of(rest)
    return f"{first} {country}" if country else None
