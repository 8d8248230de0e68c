"""A lock that all workers see and that ends with the connection of who holds it, so that a killed worker frees it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum

from django.db import DatabaseError, InterfaceError, connection

# The first half of the keys of Postgres' advisory locks that are discovery's; any number nobody else uses.
_OURS = 0x0D15C0


class Round(IntEnum):
    """What runs once at a time in the whole installation."""

    SCAN = 1
    HEALTH = 2


@contextmanager
def alone(round_: Round) -> Iterator[bool]:
    """This will hold the lock of a round, or tell that somebody else does. Not for use inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_OURS, round_])
        is_mine = bool(cursor.fetchone()[0])
    try:
        yield is_mine
    finally:
        if is_mine:
            _free(round_)


def _free(round_: Round) -> None:
    # A connection that is gone took the lock with it.
    with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_OURS, round_])
