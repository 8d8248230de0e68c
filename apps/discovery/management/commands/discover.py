"""`manage.py discover`: look around now, and say what was found."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.discovery.facade import discover


class Command(BaseCommand):
    """Looks around now and lists services; adds none but what would be added anyhow."""

    help = "Look for model servers, tool servers and stores now, and list what was found."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--networks", action="store_true", help="granted networks too")

    def handle(self, *args: Any, **options: Any) -> None:
        report = discover(with_networks=options["networks"])
        if report is None:
            raise CommandError("A scan is under way. Wait until it has ended, then try again.")
        for line in report.lines:
            self.stdout.write(line)
        self.stdout.write(report.summary)
        if report.error:
            self.stderr.write(report.error)
