"""Settings an owner may change while Olympus runs: declared in code, stored when changed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from olympus.kernel.errors import Invalid, NotFound
from olympus.kernel.models import Setting, SettingVersion


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: its type (anything msgspec validates), default and meaning."""

    name: str
    kind: Any
    default: Any
    help: str


_options: dict[str, Option] = {}


def declare_option(name: str, kind: Any, default: Any, help: str) -> Option:  # noqa: A002 - the word a reader expects
    """This will add a setting to the product; call it at import of an app's `options` module."""
    option = Option(name, kind, default, help)
    _options[name] = option
    return option


def declared_options() -> dict[str, Option]:
    """This will list every setting by name."""
    return dict(_options)


def option_value(option: Option) -> Any:
    """This will read a setting: what was stored, else its default."""
    row = Setting.objects.filter(pk=option.name).values_list("value", flat=True).first()
    return option.default if row is None else msgspec.convert(row, option.kind)


@transaction.atomic
def change_option(name: str, value: Any, *, changed_by_id: UUID | None) -> None:
    """This will validate and store a setting and keep the version.

    Raises:
        NotFound: no such setting.
        Invalid: the value is not of the setting's type.
    """
    option = _options.get(name)
    if option is None:
        raise NotFound(_("There is no setting named %(name)s.") % {"name": name})
    try:
        msgspec.convert(value, option.kind)
    except msgspec.ValidationError as error:
        raise Invalid(f"{name}: {error}", field=name) from error
    Setting.objects.update_or_create(name=name, defaults={"value": value})
    SettingVersion.objects.create(name=name, value=value, changed_by_id=changed_by_id)
