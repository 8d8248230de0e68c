"""What a scan found becomes entries: new ones are proposed, known ones follow their server, ignored ones stay so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from apps.discovery.contracts import (
    MODEL_SERVERS,
    STORES,
    Finding,
    HealthReport,
    HealthState,
    Lifecycle,
    Move,
    ServiceKind,
)
from apps.discovery.engine.identity import match, path_of, plain_host
from apps.discovery.models import AcceptRule, Service, Subject
from apps.discovery.selectors import known_service
from apps.discovery.services.deciding import follow, provider_kind, use
from apps.discovery.services.health import DISPLACED, note_report
from apps.discovery.services.locking import hold_services
from apps.discovery.services.rules import is_match
from apps.discovery.services.telling import tell_after_commit
from apps.discovery.services.versions import MOVED, note_change
from apps.inference.facade import KnownServer, is_same_server, known_servers
from olympus.kernel.errors import OlympusError
from olympus.kernel.text import clean_data

# Who named a place by these gave it to Olympus to use.
_CONFIGURED = frozenset({"configured", "environment"})
_URL_CHARS = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a scan's findings: every entry that was seen, and how many are new."""

    services: list[Service]
    new_count: int


@dataclass(slots=True)
class _Round:
    """One scan's findings on their way into the table."""

    organization_id: UUID
    now: datetime
    known: list[Service]
    servers: list[KnownServer]
    rules: list[AcceptRule]


@transaction.atomic
def take_in(organization_id: UUID, findings: Sequence[Finding], *, now: datetime) -> Taken:
    """This will store what was found: each finding is a new entry or the news of one that is known."""
    hold_services(organization_id)
    rows = Service.objects.select_for_update(no_key=True, of=("self",)).select_related("provider")
    known = list(rows.filter(organization_id=organization_id))
    rules = list(AcceptRule.objects.filter(organization_id=organization_id, is_enabled=True))
    this = _Round(organization_id, now, known, known_servers(organization_id), rules)
    seen: list[Service] = []
    new_count = 0
    for finding in findings:
        service, is_new = _take(this, finding)
        if service is not None and service not in seen:
            seen.append(service)
        new_count += is_new
    return Taken(seen, new_count)


def _take(this: _Round, finding: Finding) -> tuple[Service | None, bool]:
    matched = match(finding, [known_service(each) for each in this.known])
    service = next((each for each in this.known if str(each.pk) == matched.service_id), None)
    if matched.move is Move.CONTESTED and service is not None:
        _contest(service, finding.url)
        return None, False
    is_new = service is None
    if service is None:
        service = _propose(this, finding)
    elif not _refresh(this, service, finding):
        return None, False
    _displace(this, service, finding)
    if service.provider_id is None:  # inference watches the others
        note_report(service, HealthReport(state=finding.state, version=finding.version), this.now)
    _decide_alone(this, service, finding)
    return service, is_new


def _propose(this: _Round, finding: Finding) -> Service:
    service = Service(organization_id=this.organization_id, first_seen_at=this.now, seen_at=this.now)
    describe(service, finding)
    service.identity = finding.identity
    service.save(force_insert=True)
    this.known.append(service)
    tell_after_commit(this.organization_id)
    return service


def _refresh(this: _Round, service: Service, finding: Finding) -> bool:
    """Bring an entry up to date; False if it may not follow its server to where that is now."""
    before = (service.url, service.finding, service.name, service.moved_to)
    old_url, old = service.url, _address(service)
    describe(service, finding)
    if _address(service) != old:
        try:
            follow(service)
        except OlympusError:  # it needs its key, or inference cannot use the address
            service.refresh_from_db()
            _contest(service, finding.url)
            return False
        _note_move(service, old_url, this.now)
    _learn_identity(this, service, finding)
    service.seen_at, service.moved_to = this.now, ""
    service.save()
    if before != (service.url, service.finding, service.name, service.moved_to):
        tell_after_commit(this.organization_id)
    return True


def describe(service: Service, finding: Finding) -> None:
    """This will write what was found into its entry, which the caller stores."""
    plain: dict[str, Any] = clean_data(msgspec.to_builtins(finding, order="deterministic"))
    service.kind = finding.kind.value
    service.name = plain["name"][:200]
    service.url = plain["url"][:_URL_CHARS]
    service.host, service.port = plain["host"][:255], finding.port
    service.source = plain["source"][:60]
    service.finding = plain


def _learn_identity(this: _Round, service: Service, finding: Finding) -> None:
    """A server that has a name of its own now is known by it from here on; nobody takes another's."""
    if any(each.identity == finding.identity and each.pk != service.pk for each in this.known):
        return
    if finding.is_identity_proven or service.lifecycle != Lifecycle.ACCEPTED:
        service.identity = finding.identity


def _note_move(service: Service, old_url: str, now: datetime) -> None:
    places = ({"url": old_url, "lifecycle": service.lifecycle}, {"url": service.url, "lifecycle": service.lifecycle})
    note_change(service, Subject.SERVICE, MOVED, before=places[0], after=places[1], user_id=None, now=now)


def _contest(service: Service, url: str) -> None:
    """Something says that it is this service and cannot prove it: said on the card, and nothing else changes."""
    if service.moved_to != url[:_URL_CHARS]:
        service.moved_to = url[:_URL_CHARS]
        service.save(update_fields=["moved_to"])
        tell_after_commit(service.organization_id)


def _displace(this: _Round, service: Service, finding: Finding) -> None:
    """Where one product answers no other does: an entry of another kind at that place is no longer there."""
    for other in this.known:
        if other.pk != service.pk and other.kind != service.kind and _place(other) == _place(service) and other.port:
            report = HealthReport(state=HealthState.UNHEALTHY, is_other=True, detail=f"{finding.kind} answers here")
            other.finding = {**other.finding, DISPLACED: finding.kind.value}
            other.save(update_fields=["finding"])
            note_report(other, report, this.now)


def _decide_alone(this: _Round, service: Service, finding: Finding) -> None:
    """What is used already is added, and so is the stack's own, and what a rule names; ignored stays ignored."""
    if service.lifecycle == Lifecycle.ACCEPTED and _lost_its_provider(service):
        service.lifecycle, service.owns_provider = Lifecycle.PROPOSED.value, False
        service.save(update_fields=["lifecycle", "owns_provider"])
    if service.lifecycle != Lifecycle.PROPOSED or service.decided_at is not None:
        _adopt(this, service)
        return
    is_wanted = _is_own(finding) or any(is_match(rule, finding) for rule in this.rules)
    if is_wanted and not finding.command and not finding.needs_key:
        _use_quietly(service, this.now, "accept_by_rule")
    else:
        _adopt(this, service)


def _lost_its_provider(service: Service) -> bool:
    return ServiceKind(service.kind) in MODEL_SERVERS and service.provider_id is None


def _adopt(this: _Round, service: Service) -> None:
    """A server that is a provider already needs nobody's consent."""
    if service.lifecycle != Lifecycle.PROPOSED or ServiceKind(service.kind) not in MODEL_SERVERS:
        return
    taken = {each.provider_id for each in this.known if each.lifecycle == Lifecycle.ACCEPTED}
    for server in this.servers:
        if server.id in taken:
            continue
        if server.is_enabled and server.kind is provider_kind(service) and is_same_server(server.base_url, service.url):
            service.provider_id = server.id
            _use_quietly(service, this.now, "adopt")
            return


def _use_quietly(service: Service, now: datetime, verb: str) -> None:
    try:
        with transaction.atomic():
            use(service, now=now, verb=verb)
    except OlympusError:  # inference cannot use it: it stays proposed, and Add says why
        service.refresh_from_db()


def _is_own(finding: Finding) -> bool:
    if finding.kind is ServiceKind.OLLAMA:
        return finding.source in _CONFIGURED or finding.address in {"::1"} or finding.address.startswith("127.")
    return finding.kind in STORES and finding.source == "environment"


def _address(service: Service) -> tuple[str, int, str, str]:
    """Where a key would be sent: another scheme, or another path of an MCP server, is somewhere else as well."""
    path = path_of(service.url) if service.kind == ServiceKind.MCP else ""
    return *_place(service), service.url.partition("://")[0], path


def _place(service: Service) -> tuple[str, int]:
    return plain_host(service.host), service.port
