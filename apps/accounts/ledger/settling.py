"""Charging what calls used, after they end: entry, budgets and the sums of the day in one transaction."""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, fields
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseAway
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.contracts import Charge, Hold, Spender
from apps.accounts.engine.budgets import WindowKey, amount_used, window_of
from apps.accounts.ledger.entries import Settlement, add_to_days, insert_entries, storable
from apps.accounts.ledger.open_holds import open_holds
from apps.accounts.ledger.rules import rules_for_charging
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
RETURNING id, windows, amounts, created_at,
  ARRAY(SELECT w.budget_id FROM accounts_budgetwindow w WHERE w.id = ANY(windows))
"""


@dataclass(frozen=True, slots=True)
class _Released:
    """What a hold held, by window, of which budgets, and since when."""

    amounts: dict[int, int]
    held_at: datetime
    budget_ids: frozenset[UUID]


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
    return _submit(Settlement(hold.id if hold else uuid7(), spender, charge, hold is not None, timezone.now()))


def _counted(charge: Charge) -> EndedCall:
    return EndedCall(**{each.name: getattr(charge, each.name) for each in fields(EndedCall)})


def release(hold: Hold) -> None:
    """This will give back, soon, what a call held that never began."""
    _submit(Settlement(hold.id, None, None, has_hold=True, ended_at=timezone.now()))


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
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            settle_within(cursor, batch)
    except DatabaseAway:
        note_ledger_write(len(batch), monotonic() - begun, is_stored=False)
        raise
    note_ledger_write(len(batch), monotonic() - begun)
    return [None] * len(batch)


def settle_within(cursor: Any, batch: Sequence[Settlement]) -> None:
    """This will do the same in the caller's transaction. Locks: holds, entries, windows, days, each in order.

    A call counts for the day on which it held something, also where it ended after midnight.
    """
    released = _released(cursor, [settlement.id for settlement in batch if settlement.has_hold])
    charged = [settlement for settlement in batch if settlement.charge is not None]
    stored = insert_entries(cursor, charged)
    charged = [settlement for settlement in charged if settlement.id in stored]
    counts_at = {s.id: released[s.id].held_at if s.id in released else s.ended_at for s in charged}
    _change(cursor, charged, released, counts_at)
    add_to_days(cursor, charged, counts_at)


def _released(cursor: Any, hold_ids: Sequence[UUID]) -> dict[UUID, _Released]:
    """What each hold that is still there held."""
    if not hold_ids:
        return {}
    cursor.execute(_RELEASE, [list(hold_ids)])
    return {
        row[0]: _Released(dict(zip(row[1], row[2], strict=True)), row[3], frozenset(row[4]))
        for row in cursor.fetchall()
    }


def _change(
    cursor: Any,
    charged: Sequence[Settlement],
    released: dict[UUID, _Released],
    counts_at: dict[UUID, datetime],
) -> None:
    keys = {s.id: _keys_beside_hold(s, released.get(s.id), counts_at[s.id]) for s in charged}
    window_ids = {window_id for hold in released.values() for window_id in hold.amounts}
    all_keys = {key for own in keys.values() for key in own}
    if not all_keys and not window_ids:
        return
    windows = lock_windows(cursor, all_keys, window_ids)
    by_id = {window.id: window for window in windows}
    by_key = {window.key: window for window in windows}
    used: Counter[int] = Counter()
    held: Counter[int] = Counter()
    for hold in released.values():
        held.subtract(hold.amounts)
    for settlement in charged:
        own = (
            [by_id.get(window_id) for window_id in released[settlement.id].amounts] if settlement.id in released else []
        )
        own += [by_key.get(key) for key in keys[settlement.id]]
        for window in own:
            if window is not None and settlement.charge is not None:
                used[window.id] += amount_used(window.metric, settlement.charge)
    change_windows(cursor, used, held)


def _keys_beside_hold(settlement: Settlement, hold: _Released | None, counts_at: datetime) -> list[WindowKey]:
    """The windows a call counts for that its hold knew nothing of: their budgets were set while it was under way."""
    spender = settlement.spender
    if spender is None:
        return []
    known = hold.budget_ids if hold else frozenset()
    return [window_of(rule, spender, counts_at) for rule in rules_for_charging(spender) if rule.id not in known]


writer: GroupWriter[Settlement, None] = GroupWriter(
    "ledger", write_settlements, most_waiting=_MOST_WAITING, keeps_trying=True
)
