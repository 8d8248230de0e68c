"""Why a call may not begin."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject
from apps.accounts.engine.budgets import Rule
from apps.accounts.ledger.words import amount_in_words
from olympus.kernel.errors import LimitReached, Unavailable


class BudgetExceeded(LimitReached):
    """A budget does not allow this; wait until it begins anew, or ask an owner for more."""

    code = "budget_exceeded"

    def __init__(self, rule: Rule, *, left: int, resets_at: datetime, now: datetime) -> None:
        super().__init__(_sentence(rule, left, resets_at), retry_after_s=max((resets_at - now).total_seconds(), 1.0))
        self.budget_id: UUID = rule.id
        self.subject = rule.subject
        self.metric = rule.metric
        self.period = rule.period
        self.limit = rule.limit
        self.left = left
        self.resets_at = resets_at


class LedgerUnavailable(Unavailable):
    """Budgets cannot be checked at the moment, and you have one. Try again in a moment."""

    code = "ledger_unavailable"


def _sentence(rule: Rule, left: int, resets_at: datetime) -> str:
    words = {
        "whose": _whose(rule.subject),
        "period": _("day") if rule.period is BudgetPeriod.DAY else _("month"),
        "limit": amount_in_words(rule.metric, rule.limit),
        "left": amount_in_words(rule.metric, left),
        "when": f"{resets_at:%Y-%m-%d %H:%M} UTC",
    }
    if left <= 0 or rule.metric is BudgetMetric.REQUESTS:
        return _("%(whose)s of %(limit)s a %(period)s is used up. It begins anew at %(when)s.") % words
    return (
        _("%(whose)s of %(limit)s a %(period)s has %(left)s left, less than this may take.") % words
        + " "
        + _("It begins anew at %(when)s. Ask for a shorter answer, or ask an owner for more.") % words
    )


def _whose(subject: BudgetSubject) -> str:
    match subject:
        case BudgetSubject.ORGANIZATION:
            return _("The budget all share")
        case BudgetSubject.KEY:
            return _("The budget of this API key")
        case _:
            return _("Your budget")
