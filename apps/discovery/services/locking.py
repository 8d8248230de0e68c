"""A lock that all workers see and that ends with the connection of who holds it, so that a killed worker frees it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

# The first halves of the keys of Postgres' advisory locks that are discovery's; any numbers nobody else uses.
_OURS, _SERVICES = 0x0D15C0, 0x0D15C1


class Round(IntEnum):
    """What runs once at a time in the whole installation."""

    SCAN = 1
    HEALTH = 2


@contextmanager
def alone(round_: Round) -> Iterator[bool]:
    """This will hold the lock of a round, or tell that somebody else does. Not for use inside a transaction."""
    with _held(_OURS, round_) as is_mine:
        yield is_mine


@contextmanager
def alone_with(service_id: UUID) -> Iterator[bool]:
    """This will hold the lock of a service, or tell that somebody else does. Not for use inside a transaction."""
    # Two services with the same last bytes wait for each other once in a lifetime.
    with _held(_SERVICES, int.from_bytes(service_id.bytes[-4:], signed=True)) as is_mine:
        yield is_mine


def hold_services(organization_id: UUID) -> None:
    """This will wait, in a transaction, for whoever is storing services: two would both store the same as new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"services of {organization_id}"])


@contextmanager
def _held(space: int, key: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [space, key])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            _free(space, key)


def _free(space: int, key: int) -> None:
    # A connection that is gone took the lock with it.
    with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [space, key])
