"""`set_rate_limit`: how often a class may ask, from the terminal, also for who locked everybody out."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from apps.accounts.services.limits import store_rate_limit
from olympus.kernel.errors import OlympusError

_NONE = "none"


class Command(BaseCommand):
    """Set a rate limit."""

    help = "Set how often a class (anonymous, member, premium) may ask."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, how often, in what time."""
        parser.add_argument("name", help="anonymous, member or premium")
        parser.add_argument("requests", help="how many requests, or none for no limit but the budget")
        parser.add_argument("--window", type=int, default=3600, help="in how many seconds (default: an hour)")

    def handle(self, *args: Any, name: str, requests: str, window: int, **options: Any) -> None:
        """Store it; all processes hold to it at once."""
        try:
            with transaction.atomic():
                store_rate_limit(name, None if requests == _NONE else int(requests), window)
        except ValueError as error:
            raise CommandError(f"{requests} is no number of requests; say how many, or {_NONE}.") from error
        except OlympusError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{name}: {requests} requests in {window} seconds")
