"""Holding back what a call may use, before it begins."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import Error as DatabaseAway
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.contracts import Estimate, Hold, Spender
from apps.accounts.engine.budgets import Rule, WindowKey, amount_held, window_end, window_of
from apps.accounts.ledger.errors import BudgetExceeded, LedgerUnavailable
from apps.accounts.ledger.open_holds import HELD_FOR, RENEW_S, open_holds
from apps.accounts.ledger.rules import rules_concerning
from apps.accounts.ledger.settling import release
from apps.accounts.ledger.windows import Window, change_windows, lock_windows
from apps.accounts.ledger.writing import GroupWriter
from olympus.kernel.ids import uuid7

# More calls than this wait only where the database stands still.
_MOST_WAITING = 5_000

_STORE = """
INSERT INTO accounts_hold
  (id, organization_id, owner_id, api_key_id, windows, amounts, tokens, cost_nanousd, created_at, expires_at)
VALUES (%s, %s, %s, (SELECT id FROM accounts_apikey WHERE id = %s), %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call that wants to begin, with the budgets it counts for."""

    spender: Spender
    estimate: Estimate
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call may not begin; put into words where the language of who asked is known, not by the writer."""

    rule: Rule
    left: int
    resets_at: datetime
    now: datetime


async def hold(spender: Spender, estimate: Estimate) -> Hold | None:
    """This will hold back what a call may use of every budget it counts for; None if there is none.

    Raises:
        BudgetExceeded: a budget has less left; nothing is held.
        LedgerUnavailable: there are budgets and the database cannot tell what is left of them.
    """
    rules = await rules_concerning(spender)
    if not rules:
        return None
    future = writer.submit(Wanted(spender, estimate, rules))
    try:
        outcome = await asyncio.shield(asyncio.wrap_future(future))
    except asyncio.CancelledError:
        future.add_done_callback(_give_back)
        raise
    except DatabaseAway as error:
        raise LedgerUnavailable from error
    if isinstance(outcome, Refusal):
        raise BudgetExceeded(outcome.rule, left=outcome.left, resets_at=outcome.resets_at, now=outcome.now)
    return outcome


def write_holds(batch: Sequence[Wanted]) -> list[Hold | Refusal]:
    """This will decide on calls in their order and store what they hold, in one transaction."""
    now = timezone.now()
    keys = [[window_of(rule, wanted.spender, now) for rule in wanted.rules] for wanted in batch]
    with transaction.atomic(), connection.cursor() as cursor:
        # A crash may lose the last instants' holds with the calls they were for; entries are stored safely.
        cursor.execute("SET LOCAL synchronous_commit = off")
        windows = {window.key: window for window in lock_windows(cursor, {key for each in keys for key in each})}
        drafts = [_decide(wanted, own, windows, now) for wanted, own in zip(batch, keys, strict=True)]
        _store(cursor, [(w, draft) for w, draft in zip(batch, drafts, strict=True) if isinstance(draft, _Draft)], now)
    for draft in drafts:
        if isinstance(draft, _Draft):
            open_holds.add(draft.hold.id)
    return [draft.hold if isinstance(draft, _Draft) else draft for draft in drafts]


@dataclass(frozen=True, slots=True)
class _Draft:
    hold: Hold
    amounts: dict[int, int]


def _decide(
    wanted: Wanted, keys: Sequence[WindowKey], windows: dict[WindowKey, Window], now: datetime
) -> _Draft | Refusal:
    pairs = [(rule, windows[key]) for rule, key in zip(wanted.rules, keys, strict=True) if key in windows]
    amounts = {window.id: amount_held(rule.metric, wanted.estimate) for rule, window in pairs}
    for rule, window in pairs:
        if amounts[window.id] > window.left:
            ends = window_end(rule.period, window.key.starts_on)
            return Refusal(rule, max(window.left, 0), ends, now)
    for _rule, window in pairs:
        window.held += amounts[window.id]
    return _Draft(Hold(uuid7(), wanted.estimate), amounts)


def _store(cursor: Any, held: Sequence[tuple[Wanted, _Draft]], now: datetime) -> None:
    if not held:
        return
    sums: Counter[int] = Counter()
    rows = []
    for wanted, draft in held:
        sums.update(draft.amounts)
        rows.append(
            (
                draft.hold.id,
                wanted.spender.organization_id,
                wanted.spender.user_id,
                wanted.spender.api_key_id,
                list(draft.amounts),
                list(draft.amounts.values()),
                wanted.estimate.tokens,
                wanted.estimate.cost_nanousd,
                now,
                now + HELD_FOR,
            )
        )
    change_windows(cursor, {}, sums)
    cursor.executemany(_STORE, rows)


def _give_back(future: "Future[Hold | Refusal]") -> None:
    """Whoever asked has gone meanwhile."""
    if not future.cancelled() and future.exception() is None and isinstance(held := future.result(), Hold):
        release(held)


writer: GroupWriter[Wanted, Hold | Refusal] = GroupWriter(
    "ledger-holds",
    write_holds,
    most_waiting=_MOST_WAITING,
    keeps_trying=False,
    tick=open_holds.renew,
    tick_s=RENEW_S,
)
