"""`manage.py prepare`: everything between a running database and a running product, in one process."""

import sys
from argparse import ArgumentParser
from io import StringIO
from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.migrations.exceptions import BadMigrationError, InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

# One starter at a time: web, worker and a second machine may all begin at once. An arbitrary fixed number.
_LOCK = 7_220_016


class Command(BaseCommand):
    """Migrations, the owner's first link, model servers named in the environment."""

    help = "Bring the database up to date and take up what the environment offers. Prints the owner's sign-in link while there is no owner."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--migrate-only", action="store_true")

    def handle(self, *, migrate_only: bool, **_: Any) -> None:
        try:
            count = bring_up_to_date()
        except OperationalError as problem:
            raise CommandError(f"The database cannot be reached: {problem}") from problem
        if count:
            sys.stderr.write(f"Database: {count} migrations applied.\n")
        if migrate_only:
            return
        if link := _said_by("owner_link"):
            self.stdout.write(link)
        if taken := _said_by("take_up_environment"):
            sys.stderr.write(f"{taken}\n")


def bring_up_to_date() -> int:
    """This will apply every pending migration, all or none, and return how many there were.

    Raises:
        CommandError: one failed, and the data is as it was; or the data is from a newer version.
    """
    executor = MigrationExecutor(connection)
    executor.loader.check_consistent_history(connection)
    _refuse_newer_data(executor)
    pending = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if not pending:
        return 0
    try:
        if all(migration.atomic for migration in pending):
            _migrate_in_one_transaction()
        else:
            call_command("migrate", interactive=False, verbosity=0)
    except (
        DatabaseError,
        BadMigrationError,
        InconsistentMigrationHistory,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
    ) as problem:
        raise CommandError(
            f"The database could not be brought up to date: {type(problem).__name__}: {problem}\n"
            "Your data is as it was. docs/upgrade.md says how to go back to the version you had."
        ) from problem
    return len(pending)


def _migrate_in_one_transaction() -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            # A row that waits for its deferred check would keep a later migration from altering its table.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        call_command("migrate", interactive=False, verbosity=0)


def _refuse_newer_data(executor: MigrationExecutor) -> None:
    known = set(executor.loader.disk_migrations)
    ours = {label for label, _ in known}
    unknown = sorted(
        key
        for key in executor.loader.applied_migrations
        if key[0] in ours and key not in known and key not in executor.loader.replacements
    )
    if unknown:
        names = ", ".join(f"{label}.{name}" for label, name in unknown[:3])
        raise CommandError(
            f"This data was used by a newer Olympus ({names}). Start that version, or see docs/upgrade.md."
        )


def _said_by(command: str) -> str:
    if command not in get_commands():
        return ""
    output = StringIO()
    call_command(command, stdout=output)
    return output.getvalue().strip()
