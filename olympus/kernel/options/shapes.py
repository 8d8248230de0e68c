"""What a setting takes, read from its type: for the input that fits it, and for the sentence when something does not."""

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin

import msgspec
from django.utils.translation import gettext as _

from olympus.kernel.errors import Invalid
from olympus.kernel.options.declared import Option
from olympus.kernel.text import clean_data

# More than a list of all networks of a large house; it is read in every process.
_MAX_BYTES = 16_384


class Input(StrEnum):
    """How a person enters a value."""

    SWITCH = "switch"
    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"
    LINES = "lines"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a setting takes; bounds are inclusive, and an optional one may be left empty."""

    input: Input
    is_whole: bool = False
    is_optional: bool = False
    least: float | None = None
    most: float | None = None
    max_length: int | None = None
    choices: tuple[str, ...] = ()


@lru_cache(maxsize=256)
def _shape_by_name(name: str, kind: Any) -> Shape:
    if get_origin(kind) is Literal and all(isinstance(each, str) for each in get_args(kind)):
        return Shape(Input.CHOICE, choices=get_args(kind))  # msgspec would sort them
    found = msgspec.inspect.type_info(kind)
    if isinstance(found, msgspec.inspect.UnionType):
        rest = [each for each in found.types if not isinstance(each, msgspec.inspect.NoneType)]
        if len(rest) == 1 and len(found.types) == 2:
            return _shape(rest[0], is_optional=True)
    return _shape(found)


def shape_of(option: Option) -> Shape:
    """This will tell what a setting takes."""
    return _shape_by_name(option.name, option.kind)


def _shape(found: Any, *, is_optional: bool = False) -> Shape:
    shape = Shape(Input.DATA)
    match found:
        case msgspec.inspect.BoolType() if not is_optional:
            shape = Shape(Input.SWITCH)
        case msgspec.inspect.IntType():
            least = found.gt + 1 if found.gt is not None else found.ge
            most = found.lt - 1 if found.lt is not None else found.le
            shape = Shape(Input.NUMBER, is_whole=True, least=least, most=most)
        case msgspec.inspect.FloatType():
            shape = Shape(Input.NUMBER, least=found.ge, most=found.le)
        case msgspec.inspect.EnumType() if not is_optional:
            shape = Shape(Input.CHOICE, choices=tuple(str(each.value) for each in found.cls))
        case msgspec.inspect.StrType():
            shape = Shape(Input.TEXT, max_length=found.max_length)
        case msgspec.inspect.ListType(item_type=msgspec.inspect.StrType()) if not is_optional:
            shape = Shape(Input.LINES)
    return replace(shape, is_optional=is_optional)


def checked(option: Option, value: Any) -> Any:
    """This will give a value as it is stored, if the setting takes it.

    Raises:
        Invalid: it does not.
    """
    try:
        value = clean_data(value)
        if len(msgspec.json.encode(value)) > _MAX_BYTES:
            raise Invalid(_("This is too long."), field=option.name)
        taken = msgspec.convert(value, option.kind)
    except (msgspec.ValidationError, OverflowError, RecursionError) as error:
        raise Invalid(wanted(shape_of(option)) or f"{option.name}: {error}", field=option.name) from error
    if option.check is not None:
        option.check(taken)
    return msgspec.to_builtins(taken)


def read_text(option: Option, text: str) -> Any:
    """This will read what a person typed or chose as the setting's value; `checked` then judges it."""
    shape = shape_of(option)
    plain = text.strip()
    if shape.is_optional and not plain:
        return None
    match shape.input:
        case Input.SWITCH:
            return {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False, "": False}.get(
                plain.lower(), plain
            )
        case Input.NUMBER:
            return _number(plain, is_whole=shape.is_whole)
        case Input.LINES:
            return [line.strip() for line in text.splitlines() if line.strip()]
        case Input.DATA:
            return _data(plain)
    return plain


def written(value: Any) -> str:
    """This will write a value as `read_text` reads it."""
    plain = msgspec.to_builtins(value)
    if plain is None:
        return ""
    if isinstance(plain, list) and all(isinstance(each, str) for each in plain):
        return "\n".join(plain)
    return plain if isinstance(plain, str) else json.dumps(plain)


def wanted(shape: Shape) -> str:
    """This will say what a setting takes; nothing where its type alone knows."""
    match shape.input:
        case Input.SWITCH:
            return _("Choose on or off.")
        case Input.CHOICE:
            return _("Choose one of: %(choices)s.") % {"choices": ", ".join(shape.choices)}
        case Input.NUMBER:
            return _wanted_number(shape)
        case Input.TEXT if shape.max_length is not None:
            return _("Enter a text of at most %(count)s characters.") % {"count": shape.max_length}
    return ""


def _wanted_number(shape: Shape) -> str:
    bounds = {"least": _plain(shape.least), "most": _plain(shape.most)}
    if shape.least is None and shape.most is None:
        return _("Enter a whole number.") if shape.is_whole else _("Enter a number.")
    if shape.most is None:
        return _("Enter a number of at least %(least)s.") % bounds
    if shape.least is None:
        return _("Enter a number of at most %(most)s.") % bounds
    if shape.is_whole:
        return _("Enter a whole number from %(least)s to %(most)s.") % bounds
    return _("Enter a number from %(least)s to %(most)s.") % bounds


def _plain(bound: float | None) -> str:
    return "" if bound is None else f"{bound:.12g}"


def _number(text: str, *, is_whole: bool) -> Any:
    """A decimal comma is one; what is no number stays a text, which is then refused in words."""
    text = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    # No bound is near a number of forty digits, and int() takes the square of a text's length.
    if len(text) > 40:
        return text
    try:
        return int(text) if is_whole else float(text)
    except ValueError:
        return text


def _data(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
