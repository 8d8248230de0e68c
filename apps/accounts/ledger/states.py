"""What is left of budgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseAway
from django.db import connection
from django.utils import timezone

from apps.accounts.contracts import BudgetSubject, Spender
from apps.accounts.engine.budgets import Rule, WindowKey, concerns, window_end, window_of, window_start
from apps.accounts.ledger.errors import LedgerUnavailable
from apps.accounts.ledger.rules import rule_of, rules_concerning, rules_of
from apps.accounts.ledger.windows import USED_BY_DAYS
from apps.accounts.models import Budget
from olympus.kernel.fresh import Fresh

# A window that was not made yet has used what its period's days say.
_STATES = f"""
SELECT k.place, COALESCE(w.used, u.used, 0), COALESCE(w.held, 0)
FROM unnest(%s::uuid[], %s::uuid[], %s::date[]) WITH ORDINALITY AS k(budget_id, subject_id, starts_on, place)
JOIN accounts_budget b ON b.id = k.budget_id
LEFT JOIN accounts_budgetwindow w
  ON w.budget_id = k.budget_id AND w.subject_id = k.subject_id AND w.starts_on = k.starts_on
LEFT JOIN LATERAL ({USED_BY_DAYS} AND w.id IS NULL) u ON true
"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A budget as it stands for a spender."""

    rule: Rule
    used: int
    held: int
    resets_at: datetime

    @property
    def left(self) -> int:
        """What may still be used, not counting what calls under way hold."""
        return max(self.rule.limit - self.used - self.held, 0)

    @property
    def share_left(self) -> float:
        """The same as a share of the limit, from 0 to 1."""
        return self.left / self.rule.limit if self.rule.limit else 0.0


def budgets_for(spender: Spender, *, now: datetime | None = None) -> list[BudgetState]:
    """This will tell how each budget stands that a spender's calls count for; two queries."""
    rules = [rule for rule in rules_of(spender.organization_id) if concerns(rule, spender)]
    return _states(rules, spender, now or timezone.now())


def budgets_of_keys(organization_id: UUID, owner_id: UUID, *, now: datetime) -> list[tuple[str, BudgetState]]:
    """This will tell how each budget stands that is for one of a person's keys, beside the key's name; two queries."""
    mine = Budget.objects.filter(organization_id=organization_id, api_key__owner_id=owner_id, api_key__revoked_at=None)
    budgets = mine.select_related("api_key").order_by("api_key__name", "id")
    names = {budget.pk: budget.api_key.name for budget in budgets if budget.api_key}
    states = _states([rule_of(budget) for budget in budgets], Spender(organization_id, owner_id), now)
    return [(names[state.rule.id], state) for state in states]


def _states(rules: Sequence[Rule], spender: Spender, now: datetime) -> list[BudgetState]:
    keys = [window_of(rule, spender, now) for rule in rules]
    found = _amounts(keys)
    return [
        BudgetState(rule, *found[key], window_end(rule.period, key.starts_on))
        for rule, key in zip(rules, keys, strict=True)
        if key in found
    ]


def _amounts(keys: Sequence[WindowKey]) -> dict[WindowKey, tuple[int, int]]:
    """What each window has used and holds."""
    if not keys:
        return {}
    columns: list[Any] = [[k.budget_id for k in keys], [k.subject_id for k in keys], [k.starts_on for k in keys]]
    with connection.cursor() as cursor:
        cursor.execute(_STATES, columns)
        return {keys[place - 1]: (used, held) for place, used, held in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class BudgetStanding:
    """A budget as it stands for its subject; one of each person's stands as for who used most of theirs."""

    budget: Budget
    state: BudgetState
    used_most_by: str = ""


def standings_of(organization_id: UUID, *, now: datetime) -> list[BudgetStanding]:
    """This will tell how each budget of an organization stands; three queries at most."""
    budgets = list(Budget.objects.filter(organization_id=organization_id).select_related("owner", "api_key__owner"))
    rules = {budget.pk: rule_of(budget) for budget in budgets}
    shared = {b.pk: WindowKey(b.pk, _only_subject(b), window_start(rules[b.pk].period, now)) for b in budgets}
    each = [budget.pk for budget in budgets if budget.subject == BudgetSubject.EVERYBODY]
    amounts = _amounts([key for budget_id, key in shared.items() if budget_id not in each])
    most = _used_most([shared[budget_id] for budget_id in each])
    rows = []
    for budget in budgets:
        key = shared[budget.pk]
        used, held, name = most.get(budget.pk, (0, 0, "")) if budget.pk in each else (*amounts.get(key, (0, 0)), "")
        state = BudgetState(rules[budget.pk], used, held, window_end(rules[budget.pk].period, key.starts_on))
        rows.append(BudgetStanding(budget, state, name))
    return rows


def _only_subject(budget: Budget) -> UUID:
    return budget.owner_id or budget.api_key_id or budget.organization_id


# Of everybody who has a window or, before their first call since the budget was set, days in its period.
_MOST = f"""
SELECT DISTINCT ON (k.budget_id) k.budget_id, COALESCE(w.used, u.used, 0), COALESCE(w.held, 0),
       COALESCE(NULLIF(p.name, ''), p.email)
FROM (
  SELECT s.budget_id, s.starts_on, m.user_id AS subject_id
  FROM unnest(%s::uuid[], %s::date[]) AS s(budget_id, starts_on)
  JOIN accounts_budget o ON o.id = s.budget_id
  JOIN accounts_membership m ON m.organization_id = o.organization_id
) k
JOIN accounts_budget b ON b.id = k.budget_id
JOIN accounts_user p ON p.id = k.subject_id
LEFT JOIN accounts_budgetwindow w
  ON w.budget_id = k.budget_id AND w.subject_id = k.subject_id AND w.starts_on = k.starts_on
LEFT JOIN LATERAL ({USED_BY_DAYS} AND w.id IS NULL) u ON true
WHERE COALESCE(w.used + w.held, u.used) > 0
ORDER BY k.budget_id, COALESCE(w.used + w.held, u.used) DESC, p.id
"""  # noqa: S608 - our own words


def _used_most(keys: Sequence[WindowKey]) -> dict[UUID, tuple[int, int, str]]:
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_MOST, [[key.budget_id for key in keys], [key.starts_on for key in keys]])
        return {row[0]: (row[1], row[2], row[3]) for row in cursor.fetchall()}


def _tightest(spender: Spender) -> float:
    return min((state.share_left for state in budgets_for(spender)), default=1.0)


_shares: Fresh[Spender, float] = Fresh(_tightest)


async def remaining(spender: Spender) -> float:
    """This will tell the share left, from 0 to 1, of the spender's tightest budget; 1 without one.

    At most a second old, and no query where there is no budget; 1 while the database is away.
    """
    try:
        return await _shares.get(spender) if await rules_concerning(spender) else 1.0
    except (DatabaseAway, LedgerUnavailable):
        return 1.0
