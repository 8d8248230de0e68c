"""The time and the date, here or in a named place."""

import re
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from apps.inference.engine.builtin.question import Answer, Question

_PLACE = r"(?: (?:right )?now| today| currently)?(?: (?:in|at|for) (?P<place>[^?!]{1,60}?))?(?: (?:right )?now| today| currently)?"
_LEAD = (
    r"(?:(?:hi|hello|hey|please|ok|so)[, ]+)?(?:(?:can|could|would) you )?(?:please )?(?:tell me |give me |show me )?"
)
_CLOCK = (
    r"what time (?:is it|it is)|what(?:'s| is) the (?:current |local |exact )?time|(?:the )?current time|"
    r"(?:the )?local time|(?:the )?time|time now|do you have the time"
)
_DATE = (
    r"what (?:day|date) (?:is it|it is|is today)|what(?:'s| is) (?:the date|today's date|the current date|the day)|"
    r"what(?:'s| is) the (?:current )?date and time|(?:the )?(?:current |today's )?date(?: and time)?|today's date|"
    r"what (?:day|date) of the (?:week|month) is it|what (?:year|month|week) is it"
)
_ASKED = re.compile(rf"{_LEAD}(?P<what>{_CLOCK}|{_DATE}){_PLACE} ?[?.!]*(?: please[?.!]*)?", re.IGNORECASE)

_LONGEST_QUESTION = 200

# Places whose zone is named after another city, and countries that have one zone.
ELSEWHERE = {
    "America/Los_Angeles": "san francisco|seattle|san diego|las vegas|portland|silicon valley|california|pst|pdt|pt",
    "America/New_York": "nyc|washington|washington dc|boston|miami|atlanta|philadelphia|est|edt|et",
    "America/Chicago": "houston|dallas|austin|texas|cst|cdt",
    "America/Denver": "salt lake city|mst|mdt",
    "America/Toronto": "montreal|ottawa",
    "America/Sao_Paulo": "rio|rio de janeiro|brasilia",
    "Asia/Kolkata": "india|mumbai|delhi|new delhi|bangalore|bengaluru|chennai|hyderabad|pune|ist",
    "Asia/Shanghai": "china|beijing|shenzhen|guangzhou|hangzhou",
    "Asia/Tokyo": "japan|osaka|kyoto|jst",
    "Asia/Seoul": "south korea|korea|busan|kst",
    "Asia/Hong_Kong": "hong kong|hk",
    "Asia/Ho_Chi_Minh": "vietnam|hanoi|saigon",
    "Asia/Dubai": "uae|abu dhabi|united arab emirates",
    "Asia/Karachi": "pakistan|lahore|islamabad",
    "Asia/Jerusalem": "israel|tel aviv",
    "Asia/Manila": "philippines",
    "Asia/Bangkok": "thailand",
    "Asia/Riyadh": "saudi arabia",
    "Asia/Tehran": "iran",
    "Asia/Taipei": "taiwan",
    "Europe/London": "uk|united kingdom|england|great britain|scotland|edinburgh|manchester|wales|cardiff|bst",
    "Europe/Berlin": "germany|munich|hamburg|cologne|frankfurt|stuttgart|cet|cest",
    "Europe/Paris": "france|lyon|marseille",
    "Europe/Madrid": "barcelona|valencia|seville",
    "Europe/Rome": "italy|milan|naples|turin",
    "Europe/Zurich": "switzerland|geneva|basel|bern",
    "Europe/Vienna": "austria|salzburg|graz",
    "Europe/Amsterdam": "netherlands|holland|rotterdam|hague",
    "Europe/Brussels": "belgium|antwerp",
    "Europe/Dublin": "ireland",
    "Europe/Athens": "greece",
    "Europe/Warsaw": "poland|krakow|gdansk",
    "Europe/Prague": "czechia|czech republic",
    "Europe/Stockholm": "sweden|gothenburg",
    "Europe/Oslo": "norway|bergen",
    "Europe/Copenhagen": "denmark",
    "Europe/Helsinki": "finland|eet",
    "Europe/Budapest": "hungary",
    "Europe/Bucharest": "romania",
    "Europe/Sofia": "bulgaria",
    "Europe/Kyiv": "ukraine|kiev",
    "Europe/Istanbul": "turkey|ankara",
    "Europe/Moscow": "saint petersburg|st petersburg|msk",
    "Africa/Johannesburg": "south africa|cape town|pretoria",
    "Africa/Lagos": "nigeria|abuja",
    "Africa/Cairo": "egypt",
    "Africa/Nairobi": "kenya",
    "Pacific/Auckland": "new zealand|wellington|nzst",
    "Australia/Sydney": "canberra|aest",
    "Pacific/Honolulu": "hawaii",
    "UTC": "utc|gmt|greenwich|zulu",
}


def answer_time(question: Question) -> Answer | None:
    """This will tell the time and the date when they are asked for."""
    asked = _ASKED.fullmatch(question.text[:_LONGEST_QUESTION])
    if asked is None:
        return None
    place = (asked["place"] or "").strip(" .,")
    if not place or place.lower() in {"here", "my place"}:
        return Answer(_told(question.now, _zone_label(question.now)), is_computed=True)
    zone = zone_of(place)
    if zone is not None:
        return Answer(_told(question.now.astimezone(zone), f"{place}, {zone.key}"), is_computed=True)
    if re.match(r"what|current|local", asked["what"], re.IGNORECASE):
        return Answer(_unknown(place), is_computed=True)
    return None


def zone_of(place: str) -> ZoneInfo | None:
    """This will find a time zone by a city, a country with one zone, an abbreviation or its own name."""
    name = _zone_names().get(place.lower().replace("_", " ").removeprefix("the "))
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return None


@cache
def _zone_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for zone in sorted(available_timezones()):
        readable = zone.lower().replace("_", " ")
        names[readable] = zone
        if "/" in zone and not zone.startswith("Etc/"):
            names[readable.rsplit("/", 1)[1]] = zone
    names |= {place: zone for zone, places in ELSEWHERE.items() for place in places.split("|")}
    return names


def _unknown(place: str) -> str:
    if not available_timezones():
        return "This machine has no table of time zones; install the tzdata package."
    return f"I know no time zone by the name of {place}. Try a large city there."


def _told(moment: datetime, where: str) -> str:
    return f"It is {moment:%H:%M} on {moment:%A}, {moment.day} {moment:%B %Y} ({where})."


def _zone_label(moment: datetime) -> str:
    zone = moment.tzname() or "the server's time zone"
    return f'{zone}; name a city for the time there, as in "time in Tokyo"'
