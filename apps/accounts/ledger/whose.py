"""Whose a budget can be: all, each person, one of the people, one of the keys."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.contracts import BudgetSubject
from apps.accounts.models import ApiKey, Membership
from olympus.kernel.ids import parse_uuid

# A menu of more is not to be used; the rest is reached by the API or the command.
_MOST_CHOICES = 500
Choices = list[tuple[str, Any]]


def subject_choices(organization_id: UUID) -> Choices:
    """This will list whose a new budget can be, in groups for a menu; two queries."""
    people = Membership.objects.filter(organization_id=organization_id, user__is_active=True).select_related("user")
    keys = ApiKey.objects.filter(organization_id=organization_id, revoked_at=None).select_related("owner")
    each = [
        (f"{BudgetSubject.USER}:{row.user_id}", row.user.name or row.user.email)
        for row in people.order_by("user__name", "user__email")[:_MOST_CHOICES]
    ]
    programs = [
        (f"{BudgetSubject.KEY}:{key.pk}", f"{key.name} ({key.owner.name or key.owner.email})")
        for key in keys.order_by("name", "id")[:_MOST_CHOICES]
    ]
    return [
        (BudgetSubject.EVERYBODY.value, _("Each person")),
        (BudgetSubject.ORGANIZATION.value, _("All together")),
        *([(_("One person"), each)] if each else []),
        *([(_("One API key"), programs)] if programs else []),
    ]


def parse_subject(text: str) -> dict[str, Any]:
    """This will read a choice as what `add_budget` takes; an id that is none becomes nobody's."""
    kind, _colon, identity = text.partition(":")
    match kind:
        case BudgetSubject.USER.value:
            return {"subject": BudgetSubject.USER, "owner_id": parse_uuid(identity)}
        case BudgetSubject.KEY.value:
            return {"subject": BudgetSubject.KEY, "api_key_id": parse_uuid(identity)}
        case BudgetSubject.EVERYBODY.value:
            return {"subject": BudgetSubject.EVERYBODY}
        case _:
            return {"subject": BudgetSubject.ORGANIZATION}


def key_beginning(organization_id: UUID, text: str) -> UUID | None:
    """This will find a key of the organization by how it begins: `oly_` and its eight letters."""
    prefix = text.removeprefix("oly_").partition("_")[0].rstrip("…")
    found = ApiKey.objects.filter(organization_id=organization_id, prefix=prefix)
    return found.values_list("pk", flat=True).first()
