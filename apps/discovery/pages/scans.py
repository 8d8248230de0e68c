"""Scans as people read them: the one that runs, the record of those that ran, the schedule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.discovery.models import Scan, ScanState, Trigger
from apps.discovery.pages.words import Tag, refusal_words

# A network of a thousand addresses is counted, and its first rows shown; the REST door has all.
_SHOWN_HOSTS = 50
_SHOWN_PORTS = 8
_LIVE = (ScanState.WAITING, ScanState.RUNNING)
_TAGS = {
    ScanState.WAITING: "info",
    ScanState.RUNNING: "info",
    ScanState.FAILED: "error",
    ScanState.INTERRUPTED: "warning",
}


@dataclass(frozen=True, slots=True)
class TouchedLine:
    """One host of a scan."""

    host: str
    address: str
    ports: str
    open_ports: str
    requests: str
    request_count: int
    refusal: str


@dataclass(frozen=True, slots=True)
class ScanView:
    """A scan in words."""

    id: UUID
    title: str
    words: str
    line: str
    tag: Tag | None
    error: str
    started_at: datetime
    is_running: bool
    is_failed: bool
    touched: list[TouchedLine]
    more_touched: int


def scan_view(scan: Scan, *, with_touched: bool = True) -> ScanView:
    """This will put a scan in words; its touched hosts only where they are shown."""
    touched: list[dict[str, Any]] = scan.touched if with_touched else []
    return ScanView(
        id=scan.pk,
        title=_title(scan),
        words=_words(scan),
        line=_line(scan),
        tag=Tag(scan.get_state_display(), _TAGS[ScanState(scan.state)]) if scan.state in _TAGS else None,
        error=scan.error,
        started_at=scan.asked_at,
        is_running=scan.state in _LIVE,
        is_failed=scan.state in (ScanState.FAILED, ScanState.INTERRUPTED),
        touched=[_touched(row) for row in touched[:_SHOWN_HOSTS]],
        more_touched=max(0, len(touched) - _SHOWN_HOSTS),
    )


def scan_views(scans: Sequence[Scan]) -> list[ScanView]:
    """This will put past scans in words."""
    return [scan_view(scan) for scan in scans]


def _title(scan: Scan) -> str:
    if scan.asked_by is not None:
        return _("%(who)s asked") % {"who": scan.asked_by}
    if scan.trigger == Trigger.ASKED:
        return _("Somebody who is gone asked")
    return capfirst(str(scan.get_trigger_display()))


def _words(scan: Scan) -> str:
    if scan.state == ScanState.WAITING:
        return _("A scan is about to begin.")
    if scan.state == ScanState.RUNNING:
        found = ngettext("%(n)s service so far.", "%(n)s services so far.", scan.found_count) % {"n": scan.found_count}
        return f"{_('Looking around:')} {found}"
    when = naturaltime(scan.ended_at or scan.asked_at)
    if scan.state in (ScanState.FAILED, ScanState.INTERRUPTED):
        return _("The last scan, %(when)s, did not end well. %(why)s") % {"when": when, "why": scan.error}
    found = ngettext("%(n)s service", "%(n)s services", scan.found_count) % {"n": scan.found_count}
    return _("Looked around %(when)s and found %(found)s.") % {"when": when, "found": found}


def _line(scan: Scan) -> str:
    if scan.state in _LIVE:
        return _("with granted networks") if scan.with_networks else _("this machine and what was named")
    hosts = ngettext("%(n)s address", "%(n)s addresses", scan.host_count) % {"n": scan.host_count}
    requests = ngettext("%(n)s request", "%(n)s requests", scan.request_count) % {"n": scan.request_count}
    found = ngettext("%(n)s service found", "%(n)s services found", scan.found_count) % {"n": scan.found_count}
    parts = [hosts, requests, found]
    if scan.new_count:
        parts.append(ngettext("%(n)s new", "%(n)s new", scan.new_count) % {"n": scan.new_count})
    if scan.refused_count:
        parts.append(ngettext("%(n)s refused", "%(n)s refused", scan.refused_count) % {"n": scan.refused_count})
    if scan.was_cut:
        parts.append(_("time was up before all was looked at"))
    if scan.with_networks:
        parts.append(_("with granted networks"))
    return " · ".join(parts)


def _touched(row: dict[str, Any]) -> TouchedLine:
    requests = row.get("requests") or []
    address = row.get("address") or ""
    refusal = row.get("refusal") or ""
    return TouchedLine(
        host=row.get("host") or address,
        address=address if address != row.get("host") else "",
        ports=_ports(row.get("ports") or []),
        open_ports=_ports(row.get("open_ports") or []),
        requests="\n".join(requests[:_SHOWN_HOSTS]),
        request_count=len(requests),
        refusal=refusal_words(refusal) if refusal else "",
    )


def _ports(ports: Sequence[int]) -> str:
    """Those that follow each other as one range."""
    ranges: list[list[int]] = []
    for port in sorted(ports):
        if ranges and port == ranges[-1][-1] + 1:
            ranges[-1][1:] = [port]
        else:
            ranges.append([port])
    shown = ", ".join("–".join(map(str, each)) for each in ranges[:_SHOWN_PORTS])
    rest = len(ranges) - _SHOWN_PORTS
    return _("%(names)s and %(n)s more") % {"names": shown, "n": rest} if rest > 0 else shown
