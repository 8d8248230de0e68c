"""What the page of all settings shows, and its REST: each setting with its meaning, value, default and history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from apps.accounts.access import check_reads_settings
from apps.accounts.selectors import names_of
from olympus.kernel.actor import Actor
from olympus.kernel.models import SettingVersion
from olympus.kernel.options import (
    ENVIRONMENT,
    Input,
    Option,
    Shape,
    declared_options,
    in_words,
    is_stored,
    last_versions,
    option_named,
    option_value,
    shape_of,
    versions_of,
    wanted,
    written,
)


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as it stands; `version` counts its changes."""

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
    version: int
    changed_at: datetime | None
    changed_by_id: UUID | None
    changed_by: str

    @property
    def key(self) -> str:
        """Its name as an element's id."""
        return "setting-" + self.name.replace(".", "-").replace("_", "-")

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
class Section:
    """The settings of one part of the product."""

    key: str
    title: str
    rows: list[SettingRow]


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """All settings, or those a search found."""

    query: str
    sections: list[Section]
    environment: list[EnvironmentRow]
    count: int


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


def settings_page(actor: Actor, *, query: str = "") -> SettingsPage:
    """This will show every setting that holds all words of the query; three queries, however many there are.

    Raises:
        OwnersOnly: the actor does not own this Olympus.
    """
    rows, environment = setting_rows(actor, query=query), environment_rows(actor, query=query)
    sections = [
        Section(key, section_title(key), [row for row in rows if row.section == key])
        for key in sorted({row.section for row in rows}, key=section_title)
    ]
    return SettingsPage(query, sections, environment, len(rows) + len(environment))


def setting_rows(actor: Actor, *, query: str = "") -> list[SettingRow]:
    """This will list the settings an owner may change, by name."""
    check_reads_settings(actor)
    versions = last_versions()
    people = names_of(row.changed_by_id for row in versions.values() if row.changed_by_id)
    rows = (_row(option, versions.get(name), people) for name, option in sorted(declared_options().items()))
    return [row for row in rows if _holds(f"{row.all_words} {section_title(row.section)}".casefold(), query)]


def environment_rows(actor: Actor, *, query: str = "") -> list[EnvironmentRow]:
    """This will list what the environment says, its secrets hidden."""
    check_reads_settings(actor)
    rows = (
        EnvironmentRow(each.name, in_words(each.help), each.shown(), in_words(each.default), each.is_set())
        for each in ENVIRONMENT
    )
    return [row for row in rows if _holds(row.all_words, query)]


def setting_row(actor: Actor, name: str) -> SettingRow:
    """This will show one setting.

    Raises:
        OwnersOnly
        NotFound
    """
    check_reads_settings(actor)
    option = option_named(name)
    version = versions_of(name).first()
    people = names_of([version.changed_by_id] if version and version.changed_by_id else [])
    return _row(option, version, people)


def version_rows(versions: Iterable[SettingVersion], row: SettingRow) -> list[VersionRow]:
    """This will show versions of a setting, in one query for who made them."""
    versions = list(versions)
    people = names_of(each.changed_by_id for each in versions if each.changed_by_id)
    return [
        VersionRow(
            number=each.number,
            value=each.value,
            in_words=_said(option_named(row.name), each.value),
            is_default=each.is_default,
            is_now=each.number == row.version,
            changed_at=each.changed_at,
            changed_by_id=each.changed_by_id,
            changed_by=_who(each.changed_by_id, people),
        )
        for each in versions
    ]


def section_title(key: str) -> str:
    """This will name a part of the product as people do."""
    titles = {
        "accounts": _("People and sign-in"),
        "agents": _("Answers under way"),
        "chat": _("Conversations"),
        "discovery": _("Discovery"),
        "gateway": _("Programs"),
        "inference": _("Models and cache"),
    }
    return titles.get(key, key.capitalize())


def _row(option: Option, version: SettingVersion | None, people: dict[UUID, str]) -> SettingRow:
    value, default, shape = option_value(option), msgspec.to_builtins(option.default), shape_of(option)
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
        version=version.number if version else 0,
        changed_at=version.changed_at if version else None,
        changed_by_id=version.changed_by_id if version else None,
        changed_by=_who(version.changed_by_id, people) if version else "",
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


def _who(user_id: UUID | None, people: dict[UUID, str]) -> str:
    return people.get(user_id, _("somebody who is gone")) if user_id else _("the command line")


def _holds(words: str, query: str) -> bool:
    return all(word in words for word in query.casefold().split())
