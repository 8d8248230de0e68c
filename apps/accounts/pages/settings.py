"""What the page of all settings shows, and its REST: which settings there are, found by their words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.accounts.access import check_reads_settings
from apps.accounts.pages.setting_rows import EnvironmentRow, SettingRow, VersionRow, row_of, version_row
from apps.accounts.selectors import names_of
from olympus.kernel.actor import Actor
from olympus.kernel.models import SettingVersion
from olympus.kernel.options import ENVIRONMENT, declared_options, in_words, last_versions, option_named, versions_of


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
    rows = (row_of(option, versions.get(name), people) for name, option in sorted(declared_options().items()))
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
    return row_of(option, version, people)


def version_rows(versions: Iterable[SettingVersion], row: SettingRow) -> list[VersionRow]:
    """This will show versions of a setting, in one query for who made them."""
    versions = list(versions)
    people = names_of(each.changed_by_id for each in versions if each.changed_by_id)
    option = option_named(row.name)
    return [version_row(option, each, people, is_now=each.number == row.version) for each in versions]


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


def _holds(words: str, query: str) -> bool:
    return all(word in words for word in query.casefold().split())
