"""`manage.py export_conversations`: write a person's conversations into a zip file."""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.facade import actor_by_email, first_owner
from apps.chat.services.carrying import carry_out
from apps.chat.services.reasons import reason_in_words
from apps.chat.services.transfer import EXPORT_FORMATS, order_export
from olympus.kernel.errors import OlympusError


class Command(BaseCommand):
    """Exports for the first owner, or for whom `--user` names; an existing file is left alone."""

    help = "Export all conversations of a person into a zip file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, whose, and how."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--user", metavar="EMAIL", help="whose conversations; default: the first owner's")
        parser.add_argument("--format", choices=EXPORT_FORMATS, default="json")

    def handle(self, *, file: Path, user: str | None, format: str, **_: Any) -> None:  # noqa: A002 - the option's name
        """Export and say how many."""
        actor = actor_by_email(user) if user else first_owner()
        if actor is None:
            raise CommandError(f"Nobody active has the address {user}." if user else "There is no owner yet.")
        try:
            job = order_export(actor, format=format)
        except OlympusError as error:
            raise CommandError(error.message) from error
        carry_out(job.pk)
        job.refresh_from_db()
        if job.state != job.State.COMPLETE:
            raise CommandError(reason_in_words(job.error_message))
        try:
            with job.file.open("rb") as source, file.open("xb") as target:
                shutil.copyfileobj(source, target)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{job.done_count} conversations are in {file}.")
