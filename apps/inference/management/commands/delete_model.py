"""`manage.py delete_model`: a model off a server from the terminal."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.facade import first_owner
from apps.inference.managing.changing import delete_model
from apps.inference.managing.commanding import server_named
from olympus.kernel.errors import OlympusError


class Command(BaseCommand):
    """Deletes a model on behalf of the first owner."""

    help = "Delete a model from an Ollama server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model")
        parser.add_argument("--server", default="", help="the server's name; not needed if there is one")

    def handle(self, *, model: str, server: str, **_: Any) -> None:
        actor = first_owner()
        if actor is None:
            raise CommandError("Nobody owns this Olympus yet: sign in once first.")
        try:
            found = server_named(actor, server)
            delete_model(actor, provider_id=found.pk, model=model)
        except OlympusError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{model} is deleted from {found.name}.")
