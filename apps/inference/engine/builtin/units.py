"""Unit conversion on pint's tables, which are loaded at the first question that names units."""

import math
import re
from functools import cache
from typing import Any

from apps.inference.engine.builtin.question import Answer, Question

# Letters with at most small powers: nothing pint would compute with ("m**9**9").
_NAME = r"[°µμa-z\"'][a-z°µμ]*(?:\^?[234])?"
_UNIT = rf"{_NAME}(?:(?: ?/ ?| ?\* ?| per | ){_NAME}){{0,4}}"
_COUNT = r"(?P<count>[-+]?(?:\d{1,3}(?:,\d{3}){1,9}|\d{1,30})(?:\.\d{1,30})?(?:e[-+]?\d{1,2})?)"
_LEAD = (
    r"(?:(?:please|can you|could you|what(?:'s| is| are)|whats|how much (?:is|are)|convert|calculate|hey|hi)[ ,]+){0,4}"
)
_TRAIL = r"(?: please)? ?[?.!=]*"
_QUESTIONS = tuple(
    re.compile(rf"{_LEAD}{pattern}{_TRAIL}", re.IGNORECASE)
    for pattern in (
        rf"{_COUNT} ?(?P<source>{_UNIT}?) (?:to|in|into|as|=) (?P<target>{_UNIT})",
        rf"how (?:many|much) (?P<target>{_UNIT}?) (?:is|are|are there in|are in|is in|make|equals?|in|per) "
        rf"(?:an? |one |{_COUNT} ?)(?P<source>{_UNIT})",
    )
)
_LONGEST_UNIT = 40
_LONGEST_QUESTION = 120

# What people write, where pint knows another spelling or reads it as something else (C is coulomb to it).
_SPELLINGS = {
    "c": "degC",
    "f": "degF",
    "°c": "degC",
    "°f": "degF",
    "k": "kelvin",
    "kelvins": "kelvin",
    "centigrade": "degC",
    "°": "degree",
    "kb": "kilobyte",
    "mb": "megabyte",
    "gb": "gigabyte",
    "tb": "terabyte",
    "pb": "petabyte",
    "kbit": "kilobit",
    "mbit": "megabit",
    "gbit": "gigabit",
    "mbps": "megabit/second",
    "gbps": "gigabit/second",
    "kib": "kibibyte",
    "mib": "mebibyte",
    "gib": "gibibyte",
    "tib": "tebibyte",
    "kwh": "kilowatt_hour",
    "kmh": "kilometer/hour",
    "kmph": "kilometer/hour",
    "sqft": "foot^2",
    "sqm": "meter^2",
    "sec": "second",
    "secs": "second",
    "mins": "minute",
    "hrs": "hour",
    "hr": "hour",
    "lbs": "pound",
    "kgs": "kilogram",
    "kms": "kilometer",
    '"': "inch",
    "''": "inch",
    "'": "foot",
}
_CURRENCY = re.compile(r"usd|eur|gbp|jpy|chf|cny|inr|aud|cad|dollars?|euros?|yen|rupees?|francs?|yuan", re.IGNORECASE)


def answer_units(question: Question) -> Answer | None:
    """This will convert an amount when a question names two units."""
    if len(question.text) > _LONGEST_QUESTION:
        return None
    for pattern in _QUESTIONS:
        if asked := pattern.fullmatch(question.text):
            return _converted(asked["count"] or "1", asked["source"], asked["target"])
    return None


def _converted(count: str, source: str, target: str) -> Answer | None:
    if _CURRENCY.fullmatch(source) and _CURRENCY.fullmatch(target):
        return Answer("I cannot convert currencies: that needs today's exchange rates.", is_computed=True)
    units = unit_named(source), unit_named(target)
    if None in units:
        return None
    return Answer(_conversion(float(count.replace(",", "")), *units), is_computed=True)


def unit_named(text: str) -> Any:
    """This will find a pint unit by what people write, or None."""
    if len(text) > _LONGEST_UNIT:
        return None
    spelled = _spelled(text)
    for spelling in (spelled, spelled.lower()):
        try:
            return _registry().parse_units(spelling)
        # Plug-in edge: pint raises AttributeError, TypeError, ValueError and tokenizer errors for odd names.
        except Exception:  # noqa: BLE001, S112
            continue
    return None


def _spelled(text: str) -> str:
    text = re.sub(r"\bdegrees? (?=[a-z])|°(?=[cf]\b)", "", text.strip(), flags=re.IGNORECASE)
    text = re.sub(r"\b(?:square|sq) ([a-z]+)", r"\1^2", text, flags=re.IGNORECASE)
    text = re.sub(r"\b(?:cubic|cu) ([a-z]+)", r"\1^3", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=[a-z])([234])\b", r"^\1", text, flags=re.IGNORECASE)
    parts = re.split(r"( ?/ ?| ?\* ?| per |\^[234])", text)
    named = [_SPELLINGS.get(part.lower(), part.replace(" ", "_")) for part in parts[::2]]
    signs = [" / " if sign == " per " else sign for sign in parts[1::2]]
    return "".join(name + sign for name, sign in zip(named, [*signs, ""], strict=True))


def _conversion(amount: float, source: Any, target: Any) -> str:
    registry = _registry()
    written = f"{_count(amount)} {_written(source)}"
    if source.dimensionality != target.dimensionality:
        return f"{_written(source)} cannot be converted to {_written(target)}: they measure different things."
    quantity = registry.Quantity(amount, source)
    if source.dimensionality == registry.kelvin.dimensionality and quantity.to("kelvin").magnitude < 0:
        return f"{written} is below absolute zero, so it is no temperature."
    result = quantity.to(target).magnitude
    if not math.isfinite(result):
        return f"{written} is too much to convert."
    return f"{written} = {_count(result)} {_written(target)}"


def _count(value: float) -> str:
    # Ten digits: what is left of a float after a few conversions, rounding gone.
    return f"{value:.10g}"


def _written(unit: Any) -> str:
    return f"{unit:~P}".replace("_", " ")


@cache
def _registry() -> Any:
    import pint  # noqa: PLC0415 - 0.4 s and 20 MB that only a conversion should cost

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
