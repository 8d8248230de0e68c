"""What the page of budgets shows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.contracts import BudgetMetric, BudgetPeriod
from apps.accounts.ledger.states import BudgetStanding, standings_of
from apps.accounts.ledger.words import NANO
from apps.accounts.models import Budget
from apps.accounts.pages.usage import Meter, UsagePage, meter_of, usage_of_all
from olympus.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One budget in the list."""

    id: UUID
    whose: str
    limit: str
    unit: str
    meter: Meter
    used_most_by: str
    is_each: bool


@dataclass(frozen=True, slots=True)
class BudgetsPage:
    """The limits, and what all use."""

    budgets: list[BudgetRow]
    usage: UsagePage


def budgets_page(actor: Actor, *, now: datetime) -> BudgetsPage:
    """This will show the organization's limits and use.

    Raises:
        Denied: the actor administers nothing.
    """
    usage = usage_of_all(actor, now=now)
    return BudgetsPage([_row(each) for each in standings_of(actor.organization_id, now=now)], usage)


def _row(standing: BudgetStanding) -> BudgetRow:
    budget, rule = standing.budget, standing.state.rule
    return BudgetRow(
        id=budget.pk,
        whose=_whose(budget),
        limit=limit_to_edit(rule.metric, rule.limit),
        unit=_unit(rule.metric, rule.period),
        meter=meter_of(standing.state),
        used_most_by=standing.used_most_by,
        is_each=budget.subject == "everybody",
    )


def _unit(metric: BudgetMetric, period: BudgetPeriod) -> str:
    a_day, a_month = {
        BudgetMetric.TOKENS: (_("tokens a day"), _("tokens a month")),
        BudgetMetric.REQUESTS: (_("requests a day"), _("requests a month")),
        BudgetMetric.COST: (_("dollars a day"), _("dollars a month")),
    }[metric]
    return a_day if period is BudgetPeriod.DAY else a_month


def _whose(budget: Budget) -> str:
    if budget.owner:
        return budget.owner.name or budget.owner.email
    if budget.api_key:
        return f"{budget.api_key.name} ({budget.api_key.owner.name or budget.api_key.owner.email})"
    return str(budget.get_subject_display())


def limit_to_edit(metric: BudgetMetric, limit: int) -> str:
    """This will write a limit as one types it."""
    if metric is not BudgetMetric.COST:
        return str(limit)
    whole, part = divmod(limit, NANO)
    return f"{whole}.{f'{part:09d}'.rstrip('0'):0<2}"
