"""The record that a scan leaves, and how long it is kept."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from apps.discovery.models import Scan, ScanState, Trigger
from apps.discovery.services.looking import Seen
from apps.discovery.services.refreshing import Taken
from olympus.kernel.text import clean_data

# Those that Olympus makes by itself are a thousand a day; what somebody asked for, and networks, are few.
_KEPT_OWN = timedelta(days=1)
_KEPT_ASKED = timedelta(days=365)
# A /22 has a thousand hosts; with more requests than these a row would be read by nobody.
_MOST_HOSTS = 2000
_MOST_REQUESTS = 100


def record_end(scan: Scan, seen: Seen, taken: Taken, now: datetime) -> None:
    """This will write what a scan touched and found into its record."""
    touched = seen.result.touched
    scan.state, scan.ended_at = ScanState.DONE, now
    scan.touched = [_row(row) for row in touched[:_MOST_HOSTS]]
    scan.host_count = sum(row.refusal is None for row in touched)
    scan.refused_count = sum(row.refusal is not None for row in touched)
    scan.request_count = sum(len(row.requests) for row in touched)
    scan.place_count = scan.done_count = sum(len(row.ports) for row in touched if row.refusal is None)
    scan.found_count, scan.new_count = len(taken.services), taken.new_count
    scan.found = [{"id": service.pk, "kind": service.kind, "url": service.url} for service in taken.services]
    scan.was_cut = seen.result.was_cut
    scan.error = " ".join(f"{problem.source}: {problem.message}" for problem in seen.problems)[:500]
    scan.save()


def _row(touched: Any) -> dict[str, Any]:
    row: dict[str, Any] = clean_data(msgspec.to_builtins(touched))
    row["requests"] = row["requests"][:_MOST_REQUESTS]
    return row


def remove_old_scans(organization_id: UUID, now: datetime) -> None:
    """This will remove records whose time is over."""
    rows = Scan.objects.filter(organization_id=organization_id)
    by_itself = rows.filter(trigger__in=[Trigger.START, Trigger.SCHEDULE], with_networks=False)
    by_itself.filter(asked_at__lt=now - _KEPT_OWN).delete()
    rows.filter(asked_at__lt=now - _KEPT_ASKED).delete()
