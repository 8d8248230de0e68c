"""`create_user`: an account from the terminal."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.services.people import EmailTaken, create_user
from olympus.kernel.actor import Role
from olympus.kernel.errors import OlympusError


class Command(BaseCommand):
    """Make an account; the password comes from standard input, never from the command line."""

    help = "Make an account. The password is read from standard input."
    stealth_options = ("stdin",)  # tests hand in what a terminal would type

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, and how the password comes."""
        parser.add_argument("--email", required=True)
        parser.add_argument("--password-stdin", action="store_true", required=True, help="read the password from stdin")
        parser.add_argument("--name", default="")
        parser.add_argument("--owner", action="store_true", help="make this person an owner")

    def handle(self, *args: Any, email: str, name: str, owner: bool, **options: Any) -> None:
        """Make the account or say why not."""
        password = (options.get("stdin") or sys.stdin).readline().rstrip("\r\n")
        if not password:
            raise CommandError("No password came on standard input. Try: echo 'the password' | … --password-stdin")
        role = Role.OWNER if owner else Role.MEMBER
        try:
            user = create_user(email=email, password=password, name=name, role=role)
        except EmailTaken as error:
            raise CommandError(f"{email} has an account already; nothing was changed.") from error
        except OlympusError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{user.email} can sign in now{' as an owner' if owner else ''}.")
