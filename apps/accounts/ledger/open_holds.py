"""The holds of calls under way in this process, kept from expiring while it lives."""

from datetime import timedelta
from threading import Lock
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

# A hold nobody settles is charged after this long. A process that lives renews its own in time.
HELD_FOR = timedelta(minutes=15)
RENEW_S = 300.0

_RENEW = """
UPDATE accounts_hold SET expires_at = %s
WHERE id IN (SELECT id FROM accounts_hold WHERE id = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED)
"""


class OpenHolds:
    """The holds of calls under way in this process."""

    def __init__(self) -> None:
        self._ids: set[UUID] = set()
        self._lock = Lock()

    def add(self, hold_id: UUID) -> None:
        """A call began."""
        with self._lock:
            self._ids.add(hold_id)

    def discard(self, hold_id: UUID) -> None:
        """A call ended."""
        with self._lock:
            self._ids.discard(hold_id)

    def renew(self) -> None:
        """This will put off the expiry of what is still under way."""
        with self._lock:
            ids = sorted(self._ids)
        if ids:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = off")
                cursor.execute(_RENEW, [timezone.now() + HELD_FOR, ids])


open_holds = OpenHolds()
