"""`manage.py change_setting`: what an owner may change, with its meaning, and changing it."""

import json
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from olympus.kernel import audit
from olympus.kernel.errors import OlympusError
from olympus.kernel.options import change_option, declared_options, option_value


class Command(BaseCommand):
    """Stores one setting, or without a name lists them all."""

    help = "Change a setting while Olympus runs; without a name, list all settings and what they mean."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a name and a value, both or neither."""
        parser.add_argument("name", nargs="?", help="as it is listed, such as chat.sharing")
        parser.add_argument("value", nargs="?", help="true, false, a number or a word")

    def handle(self, *, name: str | None, value: str | None, **_: Any) -> None:
        """List, or change one."""
        if name is None:
            self._list()
        elif value is None:
            raise CommandError("Give the value too: change_setting NAME VALUE.")
        else:
            _change(name, _read(value))

    def _list(self) -> None:
        for name, option in sorted(declared_options().items()):
            self.stdout.write(f"{name} = {_written(option_value(option))}\n    {option.help}\n")


@transaction.atomic
def _change(name: str, value: Any) -> None:
    try:
        change_option(name, value, changed_by_id=None)
    except OlympusError as error:
        raise CommandError(error.message) from error
    audit.record("setting.change", subject=name, value=value)


def _read(value: str) -> Any:
    """What is no JSON is a word, which needs no quotes."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _written(value: Any) -> str:
    plain = msgspec.to_builtins(value)
    return plain if isinstance(plain, str) else json.dumps(plain)
