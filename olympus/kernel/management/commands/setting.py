"""`manage.py setting`: what an owner may change, with its meaning: list it, read it, change it, give it its default."""

from argparse import _SubParsersAction
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from olympus.kernel.errors import OlympusError
from olympus.kernel.options import (
    Option,
    change_option,
    declared_options,
    in_words,
    is_stored,
    misfit_of,
    option_named,
    option_value,
    read_text,
    reset_option,
    written,
)


class Command(BaseCommand):
    """One verb each."""

    help = "List, read, change and reset settings while Olympus runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a verb, and what it needs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        _verb(verbs, "list", "all settings, or those that hold a word").add_argument("word", nargs="?", default="")
        _named(_verb(verbs, "get", "print the present value alone"))
        setting = _named(_verb(verbs, "set", "change a setting; every process goes by it within a second"))
        setting.add_argument("value", help="on or off, a number, a word; lists and other data as JSON")
        _named(_verb(verbs, "reset", "give a setting its default again"))

    def handle(self, *, verb: str, name: str = "", value: str = "", word: str = "", **_: Any) -> None:
        """Do it; every change is audited."""
        try:
            match verb:
                case "list":
                    self._list(word)
                case "get":
                    self.stdout.write(written(option_value(option_named(name))))
                case "set":
                    change_option(name, read_text(option_named(name), value))
                case "reset":
                    reset_option(name)
        except OlympusError as error:
            raise CommandError(error.message) from error

    def _list(self, word: str) -> None:
        for name, option in sorted(declared_options().items()):
            if word.lower() in f"{name} {in_words(option.help)} {option.title}".lower():
                self.stdout.write(f"{name} = {_said(option)}\n    {in_words(option.help)}\n")


def _said(option: Option) -> str:
    value = written(option_value(option)).replace("\n", ", ")
    default = written(option.default).replace("\n", ", ")
    if misfit := misfit_of(option):
        return f"{value} (the default: {written(misfit.value)} is stored and not possible any more)"
    return f"{value} (default: {default})" if is_stored(option.name) else value


def _verb(verbs: "_SubParsersAction[Any]", name: str, meaning: str) -> Any:
    return verbs.add_parser(name, help=meaning)


def _named(parser: Any) -> Any:
    parser.add_argument("name", help="as it is listed, such as chat.sharing")
    return parser
