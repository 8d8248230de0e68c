"""Budgets: set, changed, taken away."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject
from apps.accounts.ledger.access import budget_for_changing, check_sees_all
from apps.accounts.ledger.rules import forget_rules
from apps.accounts.ledger.words import usable_limit
from apps.accounts.models import ApiKey, Budget, Membership
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Conflict, Invalid, LimitReached

# Each call looks through all of them.
_MOST_BUDGETS = 1000


def add_budget(
    actor: Actor,
    *,
    subject: BudgetSubject,
    metric: BudgetMetric,
    period: BudgetPeriod,
    limit: int,
    owner_id: UUID | None = None,
    api_key_id: UUID | None = None,
) -> Budget:
    """This will limit what a subject may use in a period; what the period has used already counts.

    Calls are held to it within a second. `limit` is in tokens, requests or billionths of a dollar.

    Raises:
        Denied: the actor administers nothing.
        Invalid: negative, or the subject is nobody of the organization.
        Conflict: there is one for the same; change that.
        LimitReached: there are too many.
    """
    check_sees_all(actor)
    if Budget.objects.filter(organization_id=actor.organization_id).count() >= _MOST_BUDGETS:
        raise LimitReached(_("There are %(n)d budgets. Remove some first.") % {"n": _MOST_BUDGETS})
    budget = Budget(
        organization_id=actor.organization_id,
        subject=subject.value,
        metric=metric.value,
        period=period.value,
        limit=usable_limit(limit),
        **_whose(actor, subject, owner_id, api_key_id),
    )
    try:
        with transaction.atomic():
            budget.save(force_insert=True)
            _record("budget.add", actor, budget)
    except IntegrityError as error:
        if "budget_once" not in str(error):
            raise
        raise Conflict(_("There is a budget for the same already. Change its limit instead.")) from error
    return budget


@transaction.atomic
def change_budget(actor: Actor, *, budget_id: UUID, limit: int) -> Budget:
    """This will give a budget another limit; what its period has used stays used.

    Raises:
        Denied, NotFound, Invalid
    """
    budget = budget_for_changing(actor, budget_id, is_locked=True)
    budget.limit = usable_limit(limit)
    budget.save(update_fields=["limit"])
    _record("budget.change", actor, budget)
    return budget


@transaction.atomic
def remove_budget(actor: Actor, *, budget_id: UUID) -> None:
    """This will lift a limit.

    Raises:
        Denied, NotFound
    """
    budget = budget_for_changing(actor, budget_id, is_locked=True)
    _record("budget.remove", actor, budget)
    budget.delete()


def set_budget(
    actor: Actor,
    *,
    subject: BudgetSubject,
    metric: BudgetMetric,
    period: BudgetPeriod,
    limit: int,
    owner_id: UUID | None = None,
    api_key_id: UUID | None = None,
) -> Budget:
    """This will add a budget, or change the limit of the one there is for the same.

    Raises: as `add_budget`.
    """
    check_sees_all(actor)
    found = Budget.objects.filter(
        organization_id=actor.organization_id,
        subject=subject.value,
        metric=metric.value,
        period=period.value,
        owner_id=owner_id,
        api_key_id=api_key_id,
    ).first()
    if found:
        return change_budget(actor, budget_id=found.pk, limit=limit)
    return add_budget(
        actor, subject=subject, metric=metric, period=period, limit=limit, owner_id=owner_id, api_key_id=api_key_id
    )


def _whose(
    actor: Actor, subject: BudgetSubject, owner_id: UUID | None, api_key_id: UUID | None
) -> dict[str, UUID | None]:
    if owner_id is not None and subject is not BudgetSubject.USER:
        raise Invalid(_("This budget is not for one person."), field="person")
    if api_key_id is not None and subject is not BudgetSubject.KEY:
        raise Invalid(_("This budget is not for one API key."), field="key")
    if subject is BudgetSubject.USER:
        people = Membership.objects.filter(organization_id=actor.organization_id)
        if owner_id is None or not people.filter(user_id=owner_id).exists():
            raise Invalid(_("Choose a person of your organization."), field="person")
        return {"owner_id": owner_id}
    if subject is BudgetSubject.KEY:
        keys = ApiKey.objects.filter(organization_id=actor.organization_id)
        if api_key_id is None or not keys.filter(pk=api_key_id).exists():
            raise Invalid(_("Choose an API key of your organization."), field="key")
        return {"api_key_id": api_key_id}
    return {}


def _record(action: str, actor: Actor, budget: Budget) -> None:
    audit.record(
        action,
        actor=actor,
        subject=budget.pk,
        whose=budget.subject,
        person=str(budget.owner_id or ""),
        key=str(budget.api_key_id or ""),
        metric=budget.metric,
        period=budget.period,
        limit=budget.limit,
    )
    transaction.on_commit(lambda: forget_rules(actor.organization_id))
