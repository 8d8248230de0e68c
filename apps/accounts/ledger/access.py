"""Who may see what others use and set limits."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import Budget
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Denied, NotFound


def check_sees_all(actor: Actor) -> None:
    """This will refuse whoever does not administer the organization.

    Raises:
        Denied
    """
    if not actor.may_administer:
        raise Denied(_("Only owners and administrators see what all use and set budgets."))


def budgets_of(actor: Actor) -> "QuerySet[Budget]":
    """This will select the organization's budgets.

    Raises:
        Denied: the actor administers nothing.
    """
    check_sees_all(actor)
    return Budget.objects.filter(organization_id=actor.organization_id)


def budget_for_changing(actor: Actor, budget_id: UUID, *, is_locked: bool = False) -> Budget:
    """This will fetch a budget the actor may change; `is_locked` in a transaction, so that no other changes it meanwhile.

    Raises:
        Denied: the actor administers nothing.
        NotFound: there is none in the actor's organization.
    """
    check_sees_all(actor)
    found = Budget.objects.filter(organization_id=actor.organization_id, pk=budget_id)
    found = found.select_for_update(of=("self",), no_key=True) if is_locked else found
    budget = found.select_related("owner", "api_key").first()
    if budget is None:
        raise NotFound(_("There is no such budget (any more)."))
    return budget
