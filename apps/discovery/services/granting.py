"""Consent to scan a network: given with a reason and an end, taken back at any time."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.discovery.access import grant_for_changing, require_granter
from apps.discovery.engine.fingerprints import DEFAULT_PORTS
from apps.discovery.engine.policy import check_grant
from apps.discovery.models import ScanGrant, Subject
from apps.discovery.services.versions import note_change
from olympus.kernel.actor import Actor
from olympus.kernel.text import clean_text


@transaction.atomic
def grant_network(actor: Actor, *, cidr: str, ports: Sequence[int] = (), days: int, reason: str) -> ScanGrant:
    """This will let a private network be scanned for some days; no ports stand for those of all known products.

    Raises:
        Denied: only the owner may.
        RangeRefused: its kinds say what is wrong with the range, the ports, the days or the reason.
    """
    require_granter(actor)
    now = timezone.now()
    # A number of days past any calendar would be an overflow instead of a refusal.
    ends = now + timedelta(days=max(-1, min(days, 366)))
    checked = check_grant(
        "",
        cidr=clean_text(cidr),
        ports=ports or DEFAULT_PORTS,
        expires_at=ends,
        reason=clean_text(reason)[:501],
        now=now,
    )
    row = ScanGrant.objects.create(
        organization_id=actor.organization_id,
        cidr=checked.cidr,
        ports=list(checked.ports),
        reason=checked.reason[:300],
        granted_by_id=actor.user_id,
        granted_at=now,
        expires_at=ends,
    )
    after = {"cidr": row.cidr, "ports": row.ports, "expires_at": ends, "reason": row.reason}
    note_change(row, Subject.GRANT, "give", before=None, after=after, user_id=actor.user_id, now=now)
    return row


@transaction.atomic
def revoke_grant(actor: Actor, *, grant_id: UUID) -> ScanGrant:
    """This will scan a network no more: a scan under way leaves it within seconds; doing it again changes nothing.

    Raises:
        Denied, NotFound
    """
    row = grant_for_changing(actor, grant_id)
    now = timezone.now()
    if ScanGrant.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=now, revoked_by_id=actor.user_id):
        row.refresh_from_db()
        note_change(row, Subject.GRANT, "revoke", before={"cidr": row.cidr}, after=None, user_id=actor.user_id, now=now)
    return row
