"""Changing settings: checked, kept as a version, audited, told to every process; one change at a time for each."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import JSONField, QuerySet, Value
from django.utils.translation import gettext as _

from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Conflict, NotFound
from olympus.kernel.events import publish_after_commit
from olympus.kernel.models import Setting, SettingVersion
from olympus.kernel.options.declared import Option, declared_options, option_named
from olympus.kernel.options.following import tell_processes
from olympus.kernel.options.kept import refresh_after_commit
from olympus.kernel.options.shapes import checked


class SettingChangedMeanwhile(Conflict):
    """Somebody else changed this setting meanwhile. Look at what it is now, then change it if you still want to."""

    code = "setting_changed_meanwhile"


class NothingToUndo(Conflict):
    """This setting was never changed, so there is nothing to undo."""

    code = "nothing_to_undo"


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """News: a setting has another value; `version` is what it is now."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class _Wish:
    value: Any
    is_default: bool = False


def change_option(
    name: str,
    value: Any,
    *,
    changed_by_id: UUID | None = None,
    actor: Actor | None = None,
    expected_version: int | None = None,
) -> int:
    """This will store a setting's value and give its version; a value it has already is no change.

    Every process goes by it within a second of the commit. With `expected_version` only if it still is that one.

    Raises:
        NotFound: no such setting.
        Invalid: the value is not of the setting's type.
        SettingChangedMeanwhile
    """
    option = option_named(name)
    wish = _Wish(checked(option, value))
    return _put(option, wish, changed_by_id=changed_by_id, actor=actor, expected_version=expected_version)


def reset_option(
    name: str, *, changed_by_id: UUID | None = None, actor: Actor | None = None, expected_version: int | None = None
) -> int:
    """This will give a setting its default again, which is a version too.

    Raises:
        NotFound
        SettingChangedMeanwhile
    """
    option = option_named(name)
    wish = _default_of(option)
    return _put(option, wish, changed_by_id=changed_by_id, actor=actor, expected_version=expected_version)


@transaction.atomic
def undo_option(
    name: str,
    *,
    to_version: int | None = None,
    changed_by_id: UUID | None = None,
    actor: Actor | None = None,
    expected_version: int | None = None,
) -> int:
    """This will put back what held before the last change, or a version; 0 is the default before all changes.

    Raises:
        NotFound: no such setting, or no such version.
        Invalid: what held then is not allowed any more.
        NothingToUndo
        SettingChangedMeanwhile
    """
    option = option_named(name)
    _lock(name)
    last = version_of(name)
    if last == 0:
        raise NothingToUndo
    wish = _held_at(option, last - 1 if to_version is None else to_version)
    return _put(option, wish, changed_by_id=changed_by_id, actor=actor, expected_version=expected_version)


def version_of(name: str) -> int:
    """This will tell how often a setting was changed."""
    return versions_of(name).values_list("number", flat=True).first() or 0


def versions_of(name: str) -> "QuerySet[SettingVersion]":
    """This will list what a setting was, the newest first."""
    return SettingVersion.objects.filter(name=name).order_by("-number")


def last_versions() -> dict[str, SettingVersion]:
    """This will give the newest version of each setting that was ever changed, in one query."""
    rows = SettingVersion.objects.filter(name__in=list(declared_options())).order_by("name", "-number").distinct("name")
    return {row.name: row for row in rows}


def lock_option(name: str) -> None:
    """This will let nobody else change a setting until the transaction ends.

    Raises:
        NotFound
    """
    _lock(option_named(name).name)


@transaction.atomic
def _put(
    option: Option, wish: _Wish, *, changed_by_id: UUID | None, actor: Actor | None, expected_version: int | None
) -> int:
    _lock(option.name)
    number = version_of(option.name)
    if expected_version is not None and expected_version != number:
        raise SettingChangedMeanwhile
    stored = Setting.objects.filter(pk=option.name).first()
    before = stored.value if stored else _default_of(option).value
    if stored is None if wish.is_default else _is_same(before, wish.value):
        return number
    if wish.is_default:
        Setting.objects.filter(pk=option.name).delete()
    else:
        Setting.objects.update_or_create(name=option.name, defaults={"value": _storable(wish.value)})
    by_id = actor.user_id if actor else changed_by_id
    SettingVersion.objects.create(
        name=option.name,
        number=number + 1,
        value=_storable(wish.value),
        is_default=wish.is_default,
        changed_by_id=by_id,
    )
    action = "setting.reset" if wish.is_default else "setting.change"
    audit.record(action, actor=actor, actor_id=by_id, subject=option.name, value=wish.value, before=before)
    _tell_after_commit(option.name, number + 1)
    return number + 1


def _held_at(option: Option, version: int) -> _Wish:
    if version == 0:
        return _default_of(option)
    row = versions_of(option.name).filter(number=version).first()
    if row is None:
        raise NotFound(_("This setting has no version %(number)s.") % {"number": version})
    if row.is_default:
        return _default_of(option)
    return _Wish(checked(option, row.value))


def _default_of(option: Option) -> _Wish:
    return _Wish(msgspec.to_builtins(option.default), is_default=True)


def _tell_after_commit(name: str, version: int) -> None:
    refresh_after_commit()
    transaction.on_commit(lambda: tell_processes(name))
    publish_after_commit(SettingChanged(name, version))


def _lock(name: str) -> None:
    """A setting that has its default has no row to lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"setting {name}"])


def _is_same(value: Any, other: Any) -> bool:
    """Python takes True for 1, and an older version may have stored the one where a newer one takes the other."""
    return msgspec.json.encode(value, order="sorted") == msgspec.json.encode(other, order="sorted")


def _storable(value: Any) -> Any:
    """Django would store None as no value at all."""
    return Value(None, JSONField()) if value is None else value
