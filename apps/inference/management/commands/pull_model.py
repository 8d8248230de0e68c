"""`manage.py pull_model`: a model onto a server from the terminal."""

from argparse import ArgumentParser
from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.facade import first_owner
from apps.inference.managing.bringing import bring
from apps.inference.managing.commanding import order_by_server_name
from olympus.kernel.errors import OlympusError
from olympus.kernel.http import run_alone

_LIVE = ("queued", "running")


class Command(BaseCommand):
    """Pulls a model on behalf of the first owner and waits until it is there."""

    help = "Have an Ollama server fetch a model."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", help="for example llama3.2:3b")
        parser.add_argument("--server", default="", help="the server's name; not needed if there is one")

    def handle(self, *, model: str, server: str, **_: Any) -> None:
        actor = first_owner()
        if actor is None:
            raise CommandError("Nobody owns this Olympus yet: sign in once first.")
        try:
            job = order_by_server_name(actor, server=server, model=model)
        except OlympusError as error:
            raise CommandError(error.message) from error
        run_alone(lambda: bring(job.pk))
        job.refresh_from_db()
        while job.state in _LIVE:  # a worker was quicker, or others are before it
            sleep(1)
            job.refresh_from_db()
        if job.error_code:
            raise CommandError(f"{job.model}: {job.error_code} {job.error_words}".strip())
        self.stdout.write(f"{job.model} on {job.provider.name}: {job.get_state_display()}.")
