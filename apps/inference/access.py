"""Who may see and change providers, prices, tiers and the cache."""

from uuid import UUID

from django.utils.translation import gettext as _

from apps.inference.models import Provider
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Denied, NotFound


def require_administrator(actor: Actor) -> None:
    """This will refuse whoever may not change the organization.

    Raises:
        Denied
    """
    if not actor.may_administer:
        raise Denied(_("Only an owner or administrator may do this."))


def provider_for_changing(actor: Actor, provider_id: UUID, *, is_locked: bool = False) -> Provider:
    """This will fetch a provider the actor may change; `is_locked` in a transaction, so that no other changes it meanwhile.

    Raises:
        Denied: the actor administers nothing.
        NotFound: there is none in the actor's organization.
    """
    require_administrator(actor)
    rows = Provider.objects.select_for_update(no_key=True) if is_locked else Provider.objects
    provider = rows.filter(organization_id=actor.organization_id, pk=provider_id).first()
    if provider is None:
        raise NotFound(_("There is no such provider (any more)."))
    return provider
