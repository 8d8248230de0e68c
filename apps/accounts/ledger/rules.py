"""The budgets of an organization as calls are measured by them, kept in the process for a second."""

from uuid import UUID

from django.db import Error as DatabaseAway

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject, Spender
from apps.accounts.engine.budgets import Rule, concerns
from apps.accounts.ledger.errors import LedgerUnavailable
from apps.accounts.models import Budget
from olympus.kernel.fresh import Fresh


def rules_of(organization_id: UUID) -> tuple[Rule, ...]:
    """This will read the organization's budgets from the store."""
    return tuple(rule_of(row) for row in Budget.objects.filter(organization_id=organization_id).order_by("id"))


def rule_of(row: Budget) -> Rule:
    """This will give a stored budget as a rule."""
    return Rule(
        row.pk,
        BudgetSubject(row.subject),
        row.owner_id,
        row.api_key_id,
        BudgetMetric(row.metric),
        BudgetPeriod(row.period),
        row.limit,
    )


_rules: Fresh[UUID, tuple[Rule, ...]] = Fresh(rules_of)


async def rules_concerning(spender: Spender) -> tuple[Rule, ...]:
    """This will list the budgets a spender's calls count for; no query within a second of the last.

    While the database is away the budgets known last stand: with none, calls go on; with some, holding refuses.

    Raises:
        LedgerUnavailable: the database is away and was never asked.
    """
    try:
        rules = await _rules.get(spender.organization_id)
    except DatabaseAway as error:
        known = _rules.last(spender.organization_id)
        if known is None:
            raise LedgerUnavailable from error
        rules = known
    return tuple(rule for rule in rules if concerns(rule, spender)) if rules else ()


def rules_for_charging(spender: Spender) -> tuple[Rule, ...]:
    """This will list the same to a thread, for a call that ended: a budget may have been set since it began."""
    return tuple(rule for rule in _rules.get_here(spender.organization_id) if concerns(rule, spender))


def forget_rules(organization_id: UUID | None = None) -> None:
    """This will have this process read budgets anew; others do within a second."""
    _rules.forget(organization_id)
