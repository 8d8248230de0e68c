"""Who may see services, look for them, and decide about them: owners and administrators of their own organization."""

from typing import TypeVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from apps.accounts.facade import default_organization_id
from apps.discovery.errors import NotThisMachines
from apps.discovery.models import AcceptRule, Scan, ScanGrant, Service
from olympus.kernel.actor import Actor, Role
from olympus.kernel.errors import Denied, NotFound

M = TypeVar("M", bound=models.Model)


def require_administrator(actor: Actor) -> None:
    """This will refuse whoever may not decide for the organization.

    Raises:
        Denied
    """
    if not actor.may_administer:
        raise Denied(_("Only an owner or administrator may do this."))


def require_scanner(actor: Actor) -> None:
    """This will refuse whoever may not look around: it is this machine that does, for those who run it.

    Raises:
        Denied
    """
    require_administrator(actor)
    if actor.organization_id != default_organization_id():
        raise NotThisMachines


def require_granter(actor: Actor) -> None:
    """This will refuse whoever may not consent to the scan of a network; that is the owner's alone.

    Raises:
        Denied
    """
    require_scanner(actor)
    if actor.role is not Role.OWNER:
        raise Denied(_("Only the owner may grant a network."))


def service_for_changing(actor: Actor, service_id: UUID, *, is_locked: bool = False) -> Service:
    """This will fetch a service the actor may decide about; `is_locked` in a transaction.

    Raises:
        Denied, NotFound
    """
    rows = Service.objects.select_for_update(no_key=True) if is_locked else Service.objects.all()
    return _own(actor, rows, service_id, _("There is no such service (any more)."))


def scan_for_reading(actor: Actor, scan_id: UUID) -> Scan:
    """This will fetch a scan of the actor's organization.

    Raises:
        Denied, NotFound
    """
    return _own(actor, Scan.objects.select_related("asked_by"), scan_id, _("There is no such scan (any more)."))


def grant_for_changing(actor: Actor, grant_id: UUID) -> ScanGrant:
    """This will fetch a grant of the actor's organization.

    Raises:
        Denied, NotFound
    """
    return _own(actor, ScanGrant.objects.select_related("granted_by"), grant_id, _("There is no such grant."))


def rule_for_changing(actor: Actor, rule_id: UUID, *, is_locked: bool = False) -> AcceptRule:
    """This will fetch a rule of the actor's organization; `is_locked` in a transaction.

    Raises:
        Denied, NotFound
    """
    rows = AcceptRule.objects.select_for_update(no_key=True) if is_locked else AcceptRule.objects.all()
    return _own(actor, rows, rule_id, _("There is no such rule (any more)."))


def _own(actor: Actor, rows: "models.QuerySet[M]", key: UUID, missing: str) -> M:
    require_administrator(actor)
    row = rows.filter(organization_id=actor.organization_id, pk=key).first()
    if row is None:
        raise NotFound(missing)
    return row
