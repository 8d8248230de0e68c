"""Calls nobody settled: their process was killed, so they are charged at their estimate."""

from datetime import datetime

from django.db import connection, transaction

from apps.accounts.contracts import Charge, Spender
from apps.accounts.ledger.entries import Settlement
from apps.accounts.ledger.settling import settle_within

# One transaction stays short; the task goes on until none is left.
_MOST_AT_ONCE = 500
_EXPIRED = """
SELECT id, organization_id, owner_id, api_key_id, tokens, cost_nanousd FROM accounts_hold
WHERE expires_at < %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
"""


def charge_expired(*, now: datetime) -> int:
    """This will turn holds that expired into entries of state `lost`, and tell how many."""
    count = 0
    while found := _charge_some(now):
        count += found
    return count


def _charge_some(now: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_EXPIRED, [now, _MOST_AT_ONCE])
        batch = [
            Settlement(
                row[0],
                Spender(row[1], row[2], row[3]),
                Charge(kind="chat", door="", state="lost", input_tokens=row[4], cost_nanousd=row[5], is_estimated=True),
                has_hold=True,
                ended_at=now,
            )
            for row in cursor.fetchall()
        ]
        settle_within(cursor, batch)
    return len(batch)
