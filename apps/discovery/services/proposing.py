"""MCP servers of a file that somebody brings: proposed as it names them. Nothing is started and nothing is asked."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.discovery.access import require_scanner
from apps.discovery.contracts import Candidate, Finding, HealthState, Lifecycle, Refusal
from apps.discovery.engine.identity import match
from apps.discovery.engine.policy import Policy, refusal, refused
from apps.discovery.models import Service
from apps.discovery.scanning.finding import named_in_file, program_of
from apps.discovery.selectors import known_service
from apps.discovery.services.locking import hold_services
from apps.discovery.services.refreshing import describe
from apps.discovery.services.telling import tell_after_commit
from apps.discovery.sources.files.mcp_format import parse_mcp_file
from apps.discovery.sources.files.reading import MAX_BYTES, check_size
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.text import clean_text

_NAME_CHARS = 60


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a file named: its services, how many of them nobody knew, and what could not be used, in sentences."""

    services: list[Service]
    new_count: int
    problems: list[str]


def propose_mcp_file(actor: Actor, *, name: str, size_bytes: int, file: BinaryIO) -> Proposed:
    """This will propose the MCP servers that a file of Claude, Cursor or VS Code lists.

    What is in use or ignored stays as it is; a proposal follows the file. No rule adds what nobody has seen answer.

    Raises:
        Denied: only owners and administrators of the organization that runs this machine may.
        Invalid: it is no such file, or too large.
    """
    require_scanner(actor)
    check_size(size_bytes)
    label = clean_text(name).strip()[:_NAME_CHARS] or "mcp.json"
    now = timezone.now()
    named = parse_mcp_file(file.read(MAX_BYTES + 1), label)
    problems = [problem.message for problem in named.problems]
    findings = list(_findings(list(named.candidates), label, problems, now))
    services, new_count = _store(actor.organization_id, findings, now)
    audit.record("service.propose", actor=actor, subject=label, found_count=len(services), new_count=new_count)
    return Proposed(services, new_count, problems)


def _findings(candidates: list[Candidate], label: str, problems: list[str], now: datetime) -> Iterator[Finding]:
    for candidate in candidates:
        if candidate.command:
            yield program_of(candidate)
        elif reason := _refusal(candidate, now):
            said = _("%(file)s, server %(name)s: %(why)s")
            problems.append(said % {"file": label, "name": candidate.name, "why": refused(reason).message})
        else:
            yield named_in_file(candidate, label)


def _refusal(candidate: Candidate, now: datetime) -> Refusal | None:
    """Names are looked up when somebody presses Test or Add, and refused then."""
    try:
        ipaddress.ip_address(candidate.host)
    except ValueError:
        return None
    return refusal(Policy(now=now), candidate, candidate.host)


@transaction.atomic
def _store(organization_id: UUID, findings: list[Finding], now: datetime) -> tuple[list[Service], int]:
    hold_services(organization_id)
    rows = Service.objects.select_for_update(no_key=True, of=("self",)).select_related("provider")
    known = list(rows.filter(organization_id=organization_id))
    named: list[Service] = []
    new_count = 0
    for finding in findings:
        found = match(finding, [known_service(each) for each in known]).service_id
        service = next((each for each in known if str(each.pk) == found), None)
        if service is None:
            service = Service(organization_id=organization_id, first_seen_at=now, seen_at=now)
            known.append(service)
            new_count += 1
        # What was seen to answer is known better than by a file.
        if service.lifecycle == Lifecycle.PROPOSED and service.health == HealthState.UNKNOWN:
            describe(service, finding)
            service.identity = finding.identity
            service.save()
        if service not in named:
            named.append(service)
    tell_after_commit(organization_id)
    return named, new_count
