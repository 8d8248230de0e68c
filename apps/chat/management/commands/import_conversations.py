"""`manage.py import_conversations`: take in an export of some product from the terminal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.facade import actor_by_email, first_owner
from apps.chat.services.carrying import carry_out
from apps.chat.services.reasons import format_in_words, notes_of, reason_in_words
from apps.chat.services.transfer import order_import
from olympus.kernel.errors import OlympusError


class Command(BaseCommand):
    """Imports for the first owner, or for whom `--user` names, and tells what was not taken."""

    help = "Import an export of ChatGPT, Claude, Open WebUI, LibreChat or Olympus."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which file, and whose it is."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--user", metavar="EMAIL", help="who gets the conversations; default: the first owner")

    def handle(self, *, file: Path, user: str | None, **_: Any) -> None:
        """Import it and say how it went."""
        actor = actor_by_email(user) if user else first_owner()
        if actor is None:
            raise CommandError(f"Nobody active has the address {user}." if user else "There is no owner yet.")
        try:
            with file.open("rb") as opened:
                job = order_import(actor, name=file.name, size_bytes=file.stat().st_size, file=opened)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except OlympusError as error:
            raise CommandError(error.message) from error
        carry_out(job.pk)
        job.refresh_from_db()
        if job.error_message:
            raise CommandError(reason_in_words(job.error_message))
        for note in notes_of(job):
            self.stderr.write(f"{note.title}: {note.reason}")
        self.stdout.write(
            f"{format_in_words(job.format)}: {job.done_count} taken, {job.skipped_count} here already,"
            f" {job.failed_count} not taken."
        )
