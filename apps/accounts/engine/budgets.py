"""Which budgets concern a spender, when their windows begin, and what a call takes of them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject, Charge, Estimate, Spender


@dataclass(frozen=True, slots=True)
class Rule:
    """A budget as calls are measured by it."""

    id: UUID
    subject: BudgetSubject
    owner_id: UUID | None
    api_key_id: UUID | None
    metric: BudgetMetric
    period: BudgetPeriod
    limit: int


@dataclass(frozen=True, slots=True, order=True)
class WindowKey:
    """One period of one budget for one subject; in the order windows are made."""

    budget_id: UUID
    subject_id: UUID
    starts_on: date


def concerns(rule: Rule, spender: Spender) -> bool:
    """This will tell whether a call of the spender counts for the budget."""
    match rule.subject:
        case BudgetSubject.USER:
            return rule.owner_id == spender.user_id
        case BudgetSubject.KEY:
            return rule.api_key_id is not None and rule.api_key_id == spender.api_key_id
        case _:
            return True


def window_of(rule: Rule, spender: Spender, now: datetime) -> WindowKey:
    """This will name the window a call of the spender falls into now."""
    return WindowKey(rule.id, _subject_id(rule, spender), window_start(rule.period, now))


def _subject_id(rule: Rule, spender: Spender) -> UUID:
    match rule.subject:
        case BudgetSubject.ORGANIZATION:
            return spender.organization_id
        case BudgetSubject.KEY:
            return rule.api_key_id or spender.user_id
        case _:
            return spender.user_id


def window_start(period: BudgetPeriod, now: datetime) -> date:
    """This will give the day, in UTC, on which the period of `now` began."""
    today = now.astimezone(UTC).date()
    return today if period is BudgetPeriod.DAY else today.replace(day=1)


def window_end(period: BudgetPeriod, starts_on: date) -> datetime:
    """This will give the moment a window is over and the budget begins anew."""
    if period is BudgetPeriod.DAY:
        following = starts_on + timedelta(days=1)
    else:
        following = (starts_on + timedelta(days=31)).replace(day=1)
    return datetime(following.year, following.month, following.day, tzinfo=UTC)


def amount_held(metric: BudgetMetric, estimate: Estimate) -> int:
    """This will give what an estimate holds back of a metric."""
    match metric:
        case BudgetMetric.TOKENS:
            return max(estimate.tokens, 0)
        case BudgetMetric.COST:
            return max(estimate.cost_nanousd, 0)
        case BudgetMetric.REQUESTS:
            return 1


def amount_used(metric: BudgetMetric, charge: Charge) -> int:
    """This will give what a settled call took of a metric; tokens answered from the cache are none."""
    match metric:
        case BudgetMetric.TOKENS:
            return charge.input_tokens + charge.output_tokens
        case BudgetMetric.COST:
            return charge.cost_nanousd
        case BudgetMetric.REQUESTS:
            return 1
