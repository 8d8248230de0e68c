"""How services are: each look moves the state with hysteresis, each change of state is kept and told."""

from datetime import datetime
from typing import Any

import msgspec

from apps.discovery.contracts import Health, HealthReport, HealthState
from apps.discovery.engine.health import advance, is_stale
from apps.discovery.models import Service, ServiceHealth
from apps.discovery.services.telling import tell_after_commit
from apps.inference.facade import ServerHealth

# A flapping server fills this in an hour; a page shows fewer.
KEPT_HISTORY = 60
# This machine costs nothing to ask; others are asked a third as often.
NEAR_S = 10.0
FAR_S = 30.0
# In a finding, until it is found again: which product answers where it was.
DISPLACED = "displaced_by"
_FIELDS = ["health", "health_since", "health_facts", "stale_since", "seen_at"]
# What a server that is there can be; the rest is silence, or none of its doing.
_ANSWERS = frozenset(
    {
        HealthState.HEALTHY,
        HealthState.BUSY,
        HealthState.WARMING,
        HealthState.DEGRADED,
        HealthState.CONFIG_ERROR,
        HealthState.RATE_LIMITED,
    }
)


def health_of(service: Service) -> Health:
    """This will read what is kept of a service's health."""
    if not service.health_facts:
        return Health(seen_at=service.seen_at)
    return msgspec.convert(service.health_facts, Health)


def is_near(service: Service) -> bool:
    """This will tell whether a service runs on this machine."""
    address = str(service.finding.get("address") or service.host)
    return address.startswith("127.") or address in {"::1", "localhost"}


def note_report(service: Service, report: HealthReport, now: datetime, *, jitter: float = 0.0) -> bool:
    """This will store what a look at a service saw; True if its state changed."""
    interval_s = NEAR_S if is_near(service) else FAR_S
    return _store(service, advance(health_of(service), report, now, interval_s=interval_s, jitter=jitter), now)


def note_server(service: Service, server: ServerHealth, now: datetime) -> bool:
    """This will store how a model server is by what its calls and probes told inference; True if that changed."""
    before = health_of(service)
    state = HealthState(server.state)
    after = Health(
        state=state,
        since=now if state is not before.state or before.since is None else before.since,
        seen_at=now if state in _ANSWERS else before.seen_at,
        checked_at=now,
        detail="" if state is HealthState.HEALTHY else server.words,
        told_since=before.told_since,
    )
    is_news = state is not before.state or before.seen_at is None
    # Written when the state changes and once a minute: each round would be a write for nothing.
    if not is_news and before.checked_at is not None and (now - before.checked_at).total_seconds() < 60:
        return False
    return _store(service, after, now)


def _store(service: Service, after: Health, now: datetime) -> bool:
    has_changed = after.state.value != service.health
    was_stale = service.stale_since is not None
    service.health = after.state.value
    service.health_since = after.since
    service.health_facts = _plain(after)
    service.seen_at = after.seen_at or service.seen_at
    service.stale_since = (service.stale_since or after.seen_at or after.since) if is_stale(after, now) else None
    service.save(update_fields=_FIELDS)
    if has_changed:
        _keep(service, after, now)
    if has_changed or was_stale != (service.stale_since is not None):
        tell_after_commit(service.organization_id)
        return True
    return False


def _keep(service: Service, after: Health, now: datetime) -> None:
    ServiceHealth.objects.create(service=service, state=after.state.value, detail=after.detail[:300], since=now)
    old = ServiceHealth.objects.filter(service=service).values_list("pk", flat=True)[KEPT_HISTORY:]
    ServiceHealth.objects.filter(pk__in=list(old)).delete()


def _plain(health: Health) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(health)
    return plain
