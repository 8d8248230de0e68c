"""Prompts with variables: what `{{name}}` in a text asks for, and the text once it is filled in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

# A name begins with a letter; every part is bounded, so a million braces take one pass.
_NAME = r"[^\W\d_]\w{0,39}"
_PLACEHOLDER = re.compile(r"\{\{[ \t]{0,8}(" + _NAME + r")[ \t]{0,8}\}\}")
_WHOLE_NAME = re.compile(_NAME)
# One screen of fields; whoever needs more wants a form, not a prompt.
MAX_VARIABLES = 50
MAX_CHOICES = 100
_MAX_LABEL = 120
# A line, and a document that is pasted in.
_MAX_TEXT = 2_000
_MAX_LONG_TEXT = 100_000
# More digits are an attack on whoever reads the number, not a number.
_MAX_DIGITS = 60


class VariableType(StrEnum):
    """What kind of answer a variable takes."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    CHOICE = "choice"
    DATE = "date"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Variable:
    """One blank of a prompt; `default` is text as a person would enter it."""

    name: str
    label: str = ""
    type: VariableType = VariableType.TEXT
    required: bool = True
    default: str = ""
    choices: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """This will give the variable as it is stored and sent."""
        return {**asdict(self), "type": self.type.value, "choices": list(self.choices)}


class Fault(StrEnum):
    """What is wrong with a value or a declaration; words for it are found where it is shown."""

    REQUIRED = "required"
    NOT_TEXT = "not_text"
    TOO_LONG = "too_long"
    ONE_LINE = "one_line"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_CHOICE = "not_a_choice"
    NOT_A_DATE = "not_a_date"
    NOT_YES_OR_NO = "not_yes_or_no"
    UNKNOWN = "unknown"
    BAD_NAME = "bad_name"
    TWICE = "twice"
    NO_CHOICES = "no_choices"
    TOO_MANY = "too_many"


def names_in(text: str) -> list[str]:
    """This will list the names a text asks for, in the order of their first use, each once."""
    return list(dict.fromkeys(match[1] for match in _PLACEHOLDER.finditer(text)))


def variables_of(text: str, declared: Sequence[Variable]) -> list[Variable]:
    """This will list what a prompt asks for: what is declared, then what its text names beside, as text."""
    known = {variable.name for variable in declared}
    others = [name for name in names_in(text) if name not in known][:MAX_VARIABLES]
    return [*declared, *(Variable(name) for name in others)]


def fault_of_declaration(variable: Variable) -> tuple[str, Fault] | None:
    """This will tell which field of a declaration is wrong, and how."""
    if not _WHOLE_NAME.fullmatch(variable.name):
        return "name", Fault.BAD_NAME
    if len(variable.label) > _MAX_LABEL:
        return "label", Fault.TOO_LONG
    if fault := _fault_of_choices(variable):
        return "choices", fault
    if variable.default and (fault := _read(variable, variable.default)[1]):
        return "default", fault
    return None


def _fault_of_choices(variable: Variable) -> Fault | None:
    if variable.type is VariableType.CHOICE and not variable.choices:
        return Fault.NO_CHOICES
    if len(variable.choices) > MAX_CHOICES:
        return Fault.TOO_MANY
    return Fault.TOO_LONG if any(len(choice) > _MAX_TEXT for choice in variable.choices) else None


def fault_of_declarations(declared: Sequence[Variable]) -> tuple[str, Fault] | None:
    """This will find the first wrong declaration: its place as `0.name`, and what is wrong."""
    if len(declared) > MAX_VARIABLES:
        return "", Fault.TOO_MANY
    seen: set[str] = set()
    for index, variable in enumerate(declared):
        if variable.name in seen:
            return f"{index}.name", Fault.TWICE
        seen.add(variable.name)
        if found := fault_of_declaration(variable):
            return f"{index}.{found[0]}", found[1]
    return None


@dataclass(frozen=True, slots=True)
class Filled:
    """A prompt filled in, or what keeps it from being so: a fault for each variable's name."""

    text: str
    faults: Mapping[str, Fault]


def fill_in(text: str, variables: Sequence[Variable], values: Mapping[str, Any], *, max_length: int) -> Filled:
    """This will put values into a text, defaults where there are none, each checked by its type.

    What is put in is never read again: a value with `{{braces}}` in it stays as it is.
    """
    known = {variable.name: variable for variable in variables}
    faults: dict[str, Fault] = {name: Fault.UNKNOWN for name in values if name not in known}
    written: dict[str, str] = {}
    for name, variable in known.items():
        value, fault = _value_of(variable, values.get(name))
        written[name] = value
        if fault:
            faults[name] = fault
    if faults:
        return Filled("", faults)
    used = [match[1] for match in _PLACEHOLDER.finditer(text)]
    if len(text) + sum(len(written[name]) for name in used) > max_length:
        longest = max(used, key=lambda name: len(written[name]), default="")
        return Filled("", {longest: Fault.TOO_LONG})
    return Filled(_PLACEHOLDER.sub(lambda match: written[match[1]], text), {})


def _value_of(variable: Variable, given: Any) -> tuple[str, Fault | None]:
    is_left_open = given is None or given == ""
    value = variable.default if is_left_open else given
    if value == "" and variable.type is VariableType.BOOLEAN:
        value = False
    if value == "":
        return "", Fault.REQUIRED if variable.required else None
    return _read(variable, value)


def _read(variable: Variable, value: Any) -> tuple[str, Fault | None]:
    """A value as it is written into the text, or what is wrong with it."""
    match variable.type:
        case VariableType.BOOLEAN:
            return _boolean(value)
        case VariableType.NUMBER:
            return _number(value)
        case VariableType.DATE:
            return _date(value)
        case VariableType.CHOICE:
            is_one = isinstance(value, str) and value in variable.choices
            return (value, None) if is_one else ("", Fault.NOT_A_CHOICE)
        case VariableType.LONG_TEXT:
            return _text(value, _MAX_LONG_TEXT, is_long=True)
        case VariableType.TEXT:
            return _text(value, _MAX_TEXT, is_long=False)


def _text(value: Any, limit: int, *, is_long: bool) -> tuple[str, Fault | None]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = _number(value)[0] or None
    if not isinstance(value, str):
        return "", Fault.NOT_TEXT
    if len(value) > limit:
        return "", Fault.TOO_LONG
    if not is_long and ("\n" in value or "\r" in value):
        return "", Fault.ONE_LINE
    return value, None


def _boolean(value: Any) -> tuple[str, Fault | None]:
    if isinstance(value, bool):
        return ("yes" if value else "no"), None
    word = value.strip().lower() if isinstance(value, str) and len(value) < 10 else ""
    if word in {"yes", "true", "1", "on"}:
        return "yes", None
    return ("no", None) if word in {"no", "false", "0", "off"} else ("", Fault.NOT_YES_OR_NO)


def _number(value: Any) -> tuple[str, Fault | None]:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return "", Fault.NOT_A_NUMBER
    # A whole number of thousands of digits takes quadratic time to write out.
    if isinstance(value, int) and value.bit_length() > 4 * _MAX_DIGITS:
        return "", Fault.NOT_A_NUMBER
    written = str(value).strip()
    try:
        is_number = len(written) <= _MAX_DIGITS and Decimal(written).is_finite()
    except InvalidOperation:
        is_number = False
    return (written, None) if is_number else ("", Fault.NOT_A_NUMBER)


def _date(value: Any) -> tuple[str, Fault | None]:
    try:
        return date.fromisoformat(value.strip()).isoformat(), None
    except (AttributeError, TypeError, ValueError):
        return "", Fault.NOT_A_DATE
