"""What others may ask of discovery."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.accounts.facade import default_organization_id
from apps.discovery.selectors import last_scan, services_of
from apps.discovery.services import scanning


@dataclass(frozen=True, slots=True)
class Report:
    """What a scan from the command line says: a line for each service, then the sum."""

    lines: list[str]
    summary: str
    error: str


def discover(*, with_networks: bool) -> Report | None:
    """This will look around now, in this process; None where a scan is under way."""
    scan = scanning.scan_here(with_networks=with_networks)
    if scan is None:
        return None
    ended = last_scan(default_organization_id()) or scan
    found = {entry["id"] for entry in ended.found}
    services = [each for each in services_of(ended.organization_id) if str(each.pk) in found]
    lines = [f"{each.get_kind_display():24} {each.url:40} {each.get_lifecycle_display()}" for each in services]
    sums = {"found": ended.found_count, "new": ended.new_count, "requests": ended.request_count}
    summary = _("%(found)s found, %(new)s new, %(requests)s requests sent.") % sums
    return Report(lines, summary, ended.error)
