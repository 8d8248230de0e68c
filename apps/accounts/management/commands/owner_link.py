"""`owner_link`: how the first person gets in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.accounts.services.doors import make_owner_link


class Command(BaseCommand):
    """Print a fresh one-time link while there is no owner; nothing afterwards."""

    help = "Print the link by which the first person becomes the owner. Prints nothing once there is an owner."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the link or nothing."""
        path = make_owner_link()
        if path is not None:
            self.stdout.write(f"{settings.PUBLIC_URL or f'http://localhost:{settings.PORT}'}{path}")
