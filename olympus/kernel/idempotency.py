"""Doing a thing once, however often it is asked for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from olympus.kernel.models import IdempotencyKey

# A laptop closed for a long holiday still sends what it kept once; after that a repeat would be a new request.
KEPT_FOR = timedelta(days=30)


def once(owner_id: UUID, scope: str, key: str, work: Callable[[], Any]) -> tuple[Any, bool]:
    """This will do `work` in a transaction and keep its JSON answer; a repeat gets that answer.

    The second part of what comes back tells whether it was done now. Two at the same time: the second waits for the first. `work` that raises leaves no trace.
    """
    with transaction.atomic():
        if _is_new(owner_id, scope, key):
            response = work()
            IdempotencyKey.objects.filter(owner_id=owner_id, scope=scope, key=key).update(response=response)
            return response, True
    return IdempotencyKey.objects.get(owner_id=owner_id, scope=scope, key=key).response, False


def _is_new(owner_id: UUID, scope: str, key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_idempotencykey (owner_id, scope, key, response, created_at)"
            " VALUES (%s, %s, %s, 'null', now()) ON CONFLICT DO NOTHING",
            [owner_id, scope, key],
        )
        return bool(cursor.rowcount)


def forget_answered(*, now: datetime) -> int:
    """This will remove answers kept for longer than a repeat may come, and tell how many."""
    count, _ = IdempotencyKey.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    return count
