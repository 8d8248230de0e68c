"""Services that a scan looked for and did not find where they were."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from apps.discovery.contracts import HealthReport, HealthState, Lifecycle, ScanResult
from apps.discovery.models import Service
from apps.discovery.services.health import note_report


def note_missing(organization_id: UUID, result: ScanResult, found: Collection[UUID], *, now: datetime) -> None:
    """This will note that services were not there; those in use are looked at by themselves, and are left alone here.

    Only places that were really looked at count: a service in a network whose grant is over is neither well nor gone.
    """
    looked_at, is_open = _places(result)
    rows = Service.objects.filter(organization_id=organization_id).exclude(lifecycle=Lifecycle.ACCEPTED)
    for service in rows.exclude(pk__in=list(found)):
        place = (str(service.finding.get("address") or service.host), service.port)
        if place not in looked_at:
            continue
        state = HealthState.UNHEALTHY if place in is_open else HealthState.OFFLINE
        note_report(service, HealthReport(state=state, detail=""), now)


def _places(result: ScanResult) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    looked_at: set[tuple[str, int]] = set()
    is_open: set[tuple[str, int]] = set()
    for row in result.touched:
        if row.refusal is None:
            looked_at |= {(row.address, port) for port in row.ports}
            is_open |= {(row.address, port) for port in row.open_ports}
    return looked_at, is_open
