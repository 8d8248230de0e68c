"""What an ability is given and what it gives back."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apps.inference.engine.builtin.library import Library

# A question Olympus can answer by itself is a line or two; what comes after is not looked at.
MAX_CONSIDERED = 2_000

_DIGIT = re.compile(r"\d")
_SPACES = re.compile(r"\s+")
_SAME_MEANING = str.maketrans(
    {
        "\u3000": " ",
        "\N{MULTIPLICATION SIGN}": "*",
        "·": "*",
        "⋅": "*",
        "÷": "/",
        "\N{MINUS SIGN}": "-",
        "\N{EN DASH}": "-",
        "⁰": "^0",
        "²": "^2",
        "³": "^3",
        "⁴": "^4",
        "√": " sqrt ",
        "π": " pi ",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "º": "°",
        "℃": "°C",
        "℉": "°F",
        "。": ".",
        # Full-width forms of the ASCII signs, as typed with an East Asian keyboard.
        **{chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F)},
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, on one line with ASCII digits, and what may be needed to answer it."""

    text: str
    now: datetime
    library: Library


@dataclass(frozen=True, slots=True)
class Answer:
    """What an ability found. `is_computed` is False for text that is quoted or explains."""

    text: str
    is_computed: bool


Ability = Callable[[Question], Answer | None]


def plain_question(text: str) -> str:
    """This will bring a question to one line with ASCII digits and operators, at most `MAX_CONSIDERED` long."""
    one_way = text[:MAX_CONSIDERED].translate(_SAME_MEANING)
    digits = _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), one_way)
    return _SPACES.sub(" ", digits).strip()
