"""`create_api_key`: a key for a program, from the terminal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.facade import actor_by_email
from apps.accounts.services.keys import create_api_key
from olympus.kernel.actor import Scope
from olympus.kernel.errors import OlympusError


class Command(BaseCommand):
    """Make a key and print it alone, so that a script can take it as it is."""

    help = "Make an API key and print it; it is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, what for, and what it may do."""
        parser.add_argument("--user", required=True, help="the owner's email address")
        parser.add_argument("--name", required=True, help="what will use it")
        parser.add_argument("--scopes", default="read,write", help="read, write, admin; with commas between")

    def handle(self, *args: Any, user: str, name: str, scopes: str, **options: Any) -> None:
        """Print the key."""
        actor = actor_by_email(user)
        if actor is None:
            raise CommandError(f"Nobody active has the address {user}. bin/manage create_user makes an account.")
        try:
            _, key = create_api_key(actor=actor, name=name, scopes=_parse_scopes(scopes))
        except OlympusError as error:
            raise CommandError(error.message) from error
        self.stdout.write(key)


def _parse_scopes(text: str) -> list[Scope]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = sorted(set(names) - {scope.value for scope in Scope})
    if unknown:
        raise CommandError(f"There is no scope {', '.join(unknown)}. The scopes are read, write and admin.")
    return [Scope(name) for name in names]
