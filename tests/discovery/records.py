"""Findings as scans bring them, on a clock that the test holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.discovery.contracts import Finding, FoundModel, HealthState, ServiceKind
from apps.discovery.engine.identity import key_of
from apps.discovery.models import Service
from apps.discovery.services.refreshing import take_in
from tests.support.cast import Someone

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """So many minutes past noon."""
    return NOON + timedelta(minutes=minutes)


def found(kind: ServiceKind = ServiceKind.VLLM, port: int = 8000, *, stable: str = "", **more: Any) -> Finding:
    """A service at a port of 192.168.1.20; `stable` is a name it claims or, proven, has."""
    host = more.pop("host", "192.168.1.20")
    scheme = {ServiceKind.REDIS: "redis", ServiceKind.POSTGRES: "postgresql"}.get(kind, "http")
    finding = Finding(
        kind=kind,
        url=f"{scheme}://{host}:{port}",
        identity=key_of(kind, host, port, stable=stable),
        source="networks",
        host=host,
        address=host,
        port=port,
        name=kind.value,
        models=(FoundModel(name="m-1", capabilities=frozenset({"chat"})),),
        state=HealthState.HEALTHY,
    )
    return replace(finding, **more)


def take(owner: Someone, *findings: Finding, minutes: float = 0) -> list[Service]:
    """Take in what a scan found at a time."""
    return take_in(owner.actor.organization_id, findings, now=at(minutes)).services
