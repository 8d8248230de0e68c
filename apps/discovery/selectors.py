"""Reads of what was found: one query each, newest first."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Case, QuerySet, When

from apps.discovery.contracts import MODEL_SERVERS, TROUBLED, Grant, KnownService, Lifecycle, ServiceKind
from apps.discovery.engine.identity import path_of
from apps.discovery.models import AcceptRule, Change, Scan, ScanGrant, ScanState, Service, ServiceHealth, Subject


def services_of(organization_id: UUID) -> "QuerySet[Service]":
    """This will list an organization's services, the newest first."""
    rows = Service.objects.filter(organization_id=organization_id)
    return rows.select_related("provider").defer("provider__catalog")


def services_by_use(organization_id: UUID) -> "QuerySet[Service]":
    """This will list an organization's services: in use, then proposed, then ignored, the newest of each first."""
    use = Case(When(lifecycle=Lifecycle.ACCEPTED, then=0), When(lifecycle=Lifecycle.PROPOSED, then=1), default=2)
    return services_of(organization_id).order_by(use, "-first_seen_at", "-id")


def troubled_services(organization_id: UUID) -> "QuerySet[Service]":
    """This will list the services in use that do not serve; `Service.is_troubled` says it of one."""
    rows = services_of(organization_id).filter(lifecycle=Lifecycle.ACCEPTED, health__in=TROUBLED)
    return rows.exclude(provider__is_enabled=False).exclude(kind__in=MODEL_SERVERS, provider=None)


def history_of(service_ids: Collection[UUID]) -> "QuerySet[ServiceHealth]":
    """This will list how services have been, the newest first."""
    return ServiceHealth.objects.filter(service_id__in=service_ids)


def change_to_undo(
    organization_id: UUID, *, rule_id: UUID | None = None, change_id: UUID | None = None
) -> Change | None:
    """This will find the last change of a rule, or one that was seen, as long as it was not taken back."""
    rows = Change.objects.filter(organization_id=organization_id, subject=Subject.RULE, undone_at=None)
    return rows.filter(**({"subject_id": rule_id} if rule_id else {"pk": change_id})).first()


def scans_of(organization_id: UUID) -> "QuerySet[Scan]":
    """This will list an organization's scans, the newest first."""
    return Scan.objects.filter(organization_id=organization_id).select_related("asked_by")


def last_scan(organization_id: UUID) -> Scan | None:
    """This will find the scan that runs, else the last one."""
    return scans_of(organization_id).defer("touched").first()


def waiting_scans() -> list[UUID]:
    """This will list scans nobody has begun."""
    return list(Scan.objects.filter(state=ScanState.WAITING).values_list("pk", flat=True))


def grants_of(organization_id: UUID) -> "QuerySet[ScanGrant]":
    """This will list the consent an organization gave, the newest first; also what has ended."""
    return ScanGrant.objects.filter(organization_id=organization_id).select_related("granted_by")


def grants_in_force(organization_id: UUID, now: datetime) -> tuple[Grant, ...]:
    """This will list the grants that hold now, as a scan goes by them."""
    rows = ScanGrant.objects.filter(organization_id=organization_id, revoked_at=None, expires_at__gt=now)
    return tuple(
        Grant(id=str(row.pk), cidr=row.cidr, ports=tuple(row.ports), expires_at=row.expires_at, reason=row.reason)
        for row in rows
    )


def rules_of(organization_id: UUID) -> "QuerySet[AcceptRule]":
    """This will list what an organization accepts without asking, the oldest first."""
    return AcceptRule.objects.filter(organization_id=organization_id).select_related("made_by")


def changes_of(organization_id: UUID) -> "QuerySet[Change]":
    """This will list what was decided, the newest first."""
    return Change.objects.filter(organization_id=organization_id).select_related("changed_by")


def watched_services() -> list[Service]:
    """This will list every service whose health is kept: all but what is ignored."""
    return list(Service.objects.exclude(lifecycle=Lifecycle.IGNORED).select_related("provider"))


def known_service(service: Service) -> KnownService:
    """This will give an entry as the engine matches findings with it."""
    return KnownService(
        id=str(service.pk),
        kind=ServiceKind(service.kind),
        identity=service.identity,
        host=service.host,
        port=service.port,
        is_accepted=service.lifecycle == Lifecycle.ACCEPTED,
        has_key=service.has_key,
        path=path_of(service.url),
    )
