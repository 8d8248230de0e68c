"""The windows of budgets, locked for a change: made on first use, always in one order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from apps.accounts.contracts import BudgetMetric
from apps.accounts.engine.budgets import WindowKey

# What the calls of a window took, by the sums of their days, for a budget `b` and the window's key `k`.
USED_BY_DAYS = """
  SELECT sum(CASE b.metric WHEN 'tokens' THEN d.input_tokens + d.output_tokens
                           WHEN 'cost' THEN d.cost_nanousd ELSE d.requests END)::bigint AS used
  FROM accounts_usageday d
  WHERE d.organization_id = b.organization_id AND d.day >= k.starts_on
    AND CASE b.subject WHEN 'organization' THEN true WHEN 'key' THEN d.api_key_id = k.subject_id
                       ELSE d.owner_id = k.subject_id END
"""
# A new window begins with what its period has used already, so that a limit set at noon counts the morning.
# In the order of its keys, so that two processes that make the same windows wait for each other one way.
_MAKE = f"""
INSERT INTO accounts_budgetwindow (budget_id, subject_id, starts_on, used, held)
SELECT b.id, k.subject_id, k.starts_on, COALESCE(u.used, 0), 0
FROM unnest(%(budgets)s::uuid[], %(subjects)s::uuid[], %(starts)s::date[]) AS k(budget_id, subject_id, starts_on)
JOIN accounts_budget b ON b.id = k.budget_id
CROSS JOIN LATERAL ({USED_BY_DAYS}) u
WHERE NOT EXISTS (
  SELECT 1 FROM accounts_budgetwindow w
  WHERE w.budget_id = k.budget_id AND w.subject_id = k.subject_id AND w.starts_on = k.starts_on
)
ORDER BY b.id, k.subject_id, k.starts_on
ON CONFLICT DO NOTHING
"""  # noqa: S608 - our own words, written above
_LOCK = """
SELECT w.id, w.budget_id, w.subject_id, w.starts_on, w.used, w.held, b."limit", b.metric
FROM accounts_budgetwindow w JOIN accounts_budget b ON b.id = w.budget_id
WHERE w.id IN (
  SELECT unnest(%(ids)s::bigint[])
  UNION
  SELECT v.id FROM accounts_budgetwindow v
  JOIN unnest(%(budgets)s::uuid[], %(subjects)s::uuid[], %(starts)s::date[]) AS k(budget_id, subject_id, starts_on)
    ON v.budget_id = k.budget_id AND v.subject_id = k.subject_id AND v.starts_on = k.starts_on
)
ORDER BY w.id FOR UPDATE OF w
"""
_CHANGE = """
UPDATE accounts_budgetwindow w SET used = w.used + c.used, held = GREATEST(w.held + c.held, 0)
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS c(id, used, held) WHERE w.id = c.id
"""


@dataclass(slots=True)
class Window:
    """A locked window as it stands."""

    id: int
    key: WindowKey
    used: int
    held: int
    limit: int
    metric: BudgetMetric

    @property
    def left(self) -> int:
        """What is neither used nor held."""
        return self.limit - self.used - self.held


def lock_windows(cursor: Any, keys: Collection[WindowKey], ids: Collection[int] = ()) -> list[Window]:
    """This will lock windows named by key or id, in the order of their ids; one whose budget is gone is left out."""
    ordered = sorted(keys)
    names = {
        "budgets": [key.budget_id for key in ordered],
        "subjects": [key.subject_id for key in ordered],
        "starts": [key.starts_on for key in ordered],
    }
    if ordered:
        cursor.execute(_MAKE, names)
    cursor.execute(_LOCK, {**names, "ids": list(ids)})
    return [
        Window(row[0], WindowKey(row[1], row[2], row[3]), row[4], row[5], row[6], BudgetMetric(row[7]))
        for row in cursor.fetchall()
    ]


def change_windows(cursor: Any, used: Mapping[int, int], held: Mapping[int, int]) -> None:
    """This will add to what locked windows have used and hold, by their ids."""
    ids = sorted(used.keys() | held.keys())
    if ids:
        cursor.execute(_CHANGE, [ids, [used.get(n, 0) for n in ids], [held.get(n, 0) for n in ids]])
