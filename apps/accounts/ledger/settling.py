"""Charging what calls used, after they end: entry, budgets and the sums of the day in one transaction."""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import fields
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.contracts import Charge, Hold, Spender
from apps.accounts.engine.budgets import amount_used, window_of
from apps.accounts.ledger.entries import Settlement, add_to_days, insert_entries, storable
from apps.accounts.ledger.open_holds import open_holds
from apps.accounts.ledger.rules import known_rules
from apps.accounts.ledger.windows import change_windows, lock_windows
from apps.accounts.ledger.writing import GroupWriter, QueueFull
from olympus.kernel.ids import uuid7
from olympus.kernel.metrics import EndedCall, note_call, note_ledger_write

logger = logging.getLogger(__name__)

# Some 20 MB: hours of a team's calls while the database is away. What finds no room is charged by its hold.
_MOST_WAITING = 20_000
# An answer does not wait for a database that is away; its entry does.
_PATIENCE_S = 2.0

_RELEASE = """
DELETE FROM accounts_hold WHERE id IN (SELECT id FROM accounts_hold WHERE id = ANY(%s) ORDER BY id FOR UPDATE)
RETURNING id, windows, amounts
"""


async def settle(spender: Spender, charge: Charge, hold: Hold | None) -> None:
    """This will charge a call that ended and give back what it held; returns when that is committed.

    While the database is away it returns after two seconds, and the entry is stored as soon as the
    database is back. It never fails: an answer is not lost by its bill.
    """
    future = submit(spender, charge, hold)
    if future is None:
        return
    try:
        await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), _PATIENCE_S)
    except TimeoutError:
        logger.warning("an entry of the ledger waits for the database")
    except Exception:
        logger.exception("an entry of the ledger was refused")


def submit(spender: Spender, charge: Charge, hold: Hold | None) -> "Future[None] | None":
    """This will queue what a call used, at once; None if the queue is full and its hold is charged instead."""
    charge = storable(charge)
    note_call(_counted(charge))
    rules = () if hold else known_rules(spender)
    entry_id = hold.id if hold else uuid7()
    settlement = Settlement(entry_id, spender, charge, hold is not None, rules, timezone.now())
    return _submit(settlement)


def _counted(charge: Charge) -> EndedCall:
    return EndedCall(**{each.name: getattr(charge, each.name) for each in fields(EndedCall)})


def release(hold: Hold) -> None:
    """This will give back, soon, what a call held that never began."""
    _submit(Settlement(hold.id, None, None, has_hold=True, rules=(), ended_at=timezone.now()))


def _submit(settlement: Settlement) -> "Future[None] | None":
    if settlement.has_hold:
        open_holds.discard(settlement.id)
    try:
        return writer.submit(settlement)
    except QueueFull:
        logger.error("the ledger's queue is full; a call is charged when its hold expires, or not at all")
        return None


def write_settlements(batch: Sequence[Settlement]) -> list[None]:
    """This will store ended calls in one transaction. Those that are stored already change nothing."""
    begun = monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        settle_within(cursor, batch)
    note_ledger_write(len(batch), monotonic() - begun)
    return [None] * len(batch)


def settle_within(cursor: Any, batch: Sequence[Settlement]) -> None:
    """This will do the same in the caller's transaction. Locks: holds, entries, windows, days, each in order."""
    released = _released(cursor, [settlement.id for settlement in batch if settlement.has_hold])
    charged = [settlement for settlement in batch if settlement.charge is not None]
    stored = insert_entries(cursor, charged)
    charged = [settlement for settlement in charged if settlement.id in stored]
    _change(cursor, charged, released)
    add_to_days(cursor, charged)


def _released(cursor: Any, hold_ids: Sequence[UUID]) -> dict[UUID, dict[int, int]]:
    """What each hold that is still there held, by window."""
    if not hold_ids:
        return {}
    cursor.execute(_RELEASE, [list(hold_ids)])
    return {row[0]: dict(zip(row[1], row[2], strict=True)) for row in cursor.fetchall()}


def _change(cursor: Any, charged: Sequence[Settlement], released: dict[UUID, dict[int, int]]) -> None:
    keys = {
        s.id: [window_of(rule, s.spender, s.ended_at) for rule in s.rules] for s in charged if s.rules and s.spender
    }
    window_ids = {window_id for amounts in released.values() for window_id in amounts}
    if not keys and not window_ids:
        return
    windows = lock_windows(cursor, {key for own in keys.values() for key in own}, window_ids)
    by_id = {window.id: window for window in windows}
    by_key = {window.key: window for window in windows}
    used: Counter[int] = Counter()
    held: Counter[int] = Counter()
    for amounts in released.values():
        held.subtract(amounts)
    for settlement in charged:
        own = [by_id.get(window_id) for window_id in released.get(settlement.id, {})]
        own += [by_key.get(key) for key in keys.get(settlement.id, [])]
        for window in own:
            if window is not None and settlement.charge is not None:
                used[window.id] += amount_used(window.metric, settlement.charge)
    change_windows(cursor, used, held)


writer: GroupWriter[Settlement, None] = GroupWriter(
    "ledger", write_settlements, most_waiting=_MOST_WAITING, keeps_trying=True
)
