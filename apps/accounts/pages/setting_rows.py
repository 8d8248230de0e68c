"""One setting as people and programs see it: its meaning, value and default in words, who changed it, what it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from olympus.kernel.models import SettingVersion
from olympus.kernel.options import (
    Input,
    Option,
    Shape,
    in_words,
    is_stored,
    misfit_of,
    option_value,
    shape_of,
    wanted,
    written,
)

# What is said in passing is read at a glance; a list may have a hundred lines.
_SAID_CHARS = 80


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as it stands; `version` counts its changes.

    `misfit` is what an older version stored and this one does not take, and `misfit_in_words` says it if there is such.
    """

    name: str
    title: str
    help: str
    section: str
    shape: Shape
    unit: str
    choices: list[tuple[str, str]]
    hint: str
    value: Any
    default: Any
    text: str
    in_words: str
    default_in_words: str
    is_default: bool
    misfit: Any
    misfit_in_words: str
    version: int
    changed_at: datetime | None
    changed_by_id: UUID | None
    changed_by: str

    @property
    def key(self) -> str:
        """Its name as an element's id."""
        return "setting-" + self.name.replace(".", "-").replace("_", "-")

    @property
    def sentence(self) -> str:
        """What it is now, in passing."""
        value = Truncator(self.in_words).chars(_SAID_CHARS)
        return _("%(setting)s: %(value)s") % {"setting": self.title, "value": value}

    @property
    def least_text(self) -> str:
        """The lower bound as an input takes it."""
        return "" if self.shape.least is None else f"{self.shape.least:.12g}"

    @property
    def most_text(self) -> str:
        """The upper bound as an input takes it."""
        return "" if self.shape.most is None else f"{self.shape.most:.12g}"

    @property
    def all_words(self) -> str:
        """What a search looks through."""
        choices = " ".join(f"{value} {words}" for value, words in self.choices)
        return f"{self.name} {self.title} {self.help} {self.section} {self.in_words} {choices}".casefold()


@dataclass(frozen=True, slots=True)
class EnvironmentRow:
    """One variable of the environment; `value` is hidden where it is secret."""

    name: str
    help: str
    value: str
    default: str
    is_set: bool

    @property
    def all_words(self) -> str:
        """What a search looks through."""
        return f"{self.name} {self.help} {self.value}".casefold()


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What a setting was."""

    number: int
    value: Any
    in_words: str
    is_default: bool
    is_now: bool
    changed_at: datetime
    changed_by_id: UUID | None
    changed_by: str


def row_of(option: Option, version: SettingVersion | None, people: Mapping[UUID, str]) -> SettingRow:
    """This will show a setting; `version` is its newest, and `people` are named by id."""
    value, default, shape = option_value(option), msgspec.to_builtins(option.default), shape_of(option)
    misfit = misfit_of(option)
    return SettingRow(
        name=option.name,
        title=option.title,
        help=in_words(option.help),
        section=option.section,
        shape=shape,
        unit=in_words(option.unit),
        choices=[(each, _word(option, each)) for each in shape.choices],
        hint=wanted(shape) if shape.input is Input.NUMBER and (shape.least, shape.most) != (None, None) else "",
        value=msgspec.to_builtins(value),
        default=default,
        text=written(value),
        in_words=_said(option, value),
        default_in_words=_said(option, default),
        is_default=not is_stored(option.name),
        misfit=misfit.value if misfit else None,
        misfit_in_words=Truncator(_said(option, misfit.value)).chars(_SAID_CHARS) if misfit else "",
        version=version.number if version else 0,
        changed_at=version.changed_at if version else None,
        changed_by_id=version.changed_by_id if version else None,
        changed_by=_who(version.changed_by_id, people) if version else "",
    )


def version_row(option: Option, version: SettingVersion, people: Mapping[UUID, str], *, is_now: bool) -> VersionRow:
    """This will show what a setting was."""
    return VersionRow(
        number=version.number,
        value=version.value,
        in_words=_said(option, version.value),
        is_default=version.is_default,
        is_now=is_now,
        changed_at=version.changed_at,
        changed_by_id=version.changed_by_id,
        changed_by=_who(version.changed_by_id, people),
    )


def _said(option: Option, value: Any) -> str:
    """A value as people say it."""
    plain = msgspec.to_builtins(value)
    if isinstance(plain, bool):
        return _("on") if plain else _("off")
    if plain is None or plain in ("", []):
        return _("nothing")
    if isinstance(plain, str) and shape_of(option).input is Input.CHOICE:
        return _word(option, plain)
    said = written(plain).replace("\n", ", ")
    return f"{said} {in_words(option.unit)}".strip()


def _word(option: Option, choice: str) -> str:
    return in_words(option.words[choice]) if choice in option.words else choice.replace("_", " ")


def _who(user_id: UUID | None, people: Mapping[UUID, str]) -> str:
    return people.get(user_id, _("somebody who is gone")) if user_id else _("the command line")
