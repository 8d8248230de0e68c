"""`manage.py pull_model`: a model onto a server from the terminal."""

from argparse import ArgumentParser
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.facade import first_owner
from apps.inference.managing.commanding import brought, order_by_server_name
from apps.inference.managing.errors import JobOver
from apps.inference.managing.ordering import cancel_job
from olympus.kernel.actor import Actor
from olympus.kernel.errors import OlympusError
from olympus.kernel.http import run_alone

_INTERRUPTED = 130
# Goes to the line's beginning and empties it.
_OVER_IT = "\r\x1b[K"


class Command(BaseCommand):
    """Pulls a model on behalf of the first owner and waits until it is there."""

    help = "Have an Ollama server fetch a model, and show how far it is. Ctrl-C cancels it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", help="for example llama3.2:3b")
        parser.add_argument("--server", default="", help="the server's name; not needed if there is one")

    def handle(self, *, model: str, server: str, **_: Any) -> None:
        actor = first_owner()
        if actor is None:
            raise CommandError("Nobody owns this Olympus yet: sign in once first.")
        try:
            job_id = order_by_server_name(actor, server=server, model=model).pk
            self._follow(actor, job_id)
        except OlympusError as error:
            raise CommandError(error.message) from error

    def _follow(self, actor: Actor, job_id: UUID) -> None:
        try:
            job = run_alone(lambda: brought(job_id, self._tell))
        except KeyboardInterrupt:
            with suppress(JobOver):
                cancel_job(actor, job_id=job_id)
            raise CommandError("Cancelled. What arrived stays on the server.", returncode=_INTERRUPTED) from None
        finally:
            self._tell("")
        self.stdout.write(f"{job.model} is on {job.provider.name}.")

    def _tell(self, words: str) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"{_OVER_IT}{words}", ending="")
            self.stdout.flush()
