"""What is left of budgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import Error as DatabaseAway
from django.db import connection
from django.utils import timezone

from apps.accounts.contracts import Spender
from apps.accounts.engine.budgets import Rule, concerns, window_end, window_of
from apps.accounts.ledger.rules import rules_concerning, rules_of
from olympus.kernel.fresh import Fresh

# A window that was not made yet has used what its period's days say.
_STATES = """
SELECT k.place, COALESCE(w.used, u.used, 0), COALESCE(w.held, 0)
FROM unnest(%s::uuid[], %s::uuid[], %s::date[]) WITH ORDINALITY AS k(budget_id, subject_id, starts_on, place)
JOIN accounts_budget b ON b.id = k.budget_id
LEFT JOIN accounts_budgetwindow w
  ON w.budget_id = k.budget_id AND w.subject_id = k.subject_id AND w.starts_on = k.starts_on
LEFT JOIN LATERAL (
  SELECT sum(CASE b.metric WHEN 'tokens' THEN d.input_tokens + d.output_tokens
                           WHEN 'cost' THEN d.cost_nanousd ELSE d.requests END)::bigint AS used
  FROM accounts_usageday d
  WHERE w.id IS NULL AND d.organization_id = b.organization_id AND d.day >= k.starts_on
    AND CASE b.subject WHEN 'organization' THEN true WHEN 'key' THEN d.api_key_id = k.subject_id
                       ELSE d.owner_id = k.subject_id END
) u ON true
"""


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


def _states(rules: Sequence[Rule], spender: Spender, now: datetime) -> list[BudgetState]:
    if not rules:
        return []
    keys = [window_of(rule, spender, now) for rule in rules]
    columns: list[Any] = [[k.budget_id for k in keys], [k.subject_id for k in keys], [k.starts_on for k in keys]]
    with connection.cursor() as cursor:
        cursor.execute(_STATES, columns)
        found = {place: (used, held) for place, used, held in cursor.fetchall()}
    return [
        BudgetState(rule, *found[place], window_end(rule.period, key.starts_on))
        for place, (rule, key) in enumerate(zip(rules, keys, strict=True), 1)
        if place in found
    ]


def _tightest(spender: Spender) -> float:
    return min((state.share_left for state in budgets_for(spender)), default=1.0)


_shares: Fresh[Spender, float] = Fresh(_tightest)


async def remaining(spender: Spender) -> float:
    """This will tell the share left, from 0 to 1, of the spender's tightest budget; 1 without one.

    At most a second old, and no query where there is no budget; 1 while the database is away.
    """
    try:
        return await _shares.get(spender) if await rules_concerning(spender) else 1.0
    except DatabaseAway:
        return 1.0
