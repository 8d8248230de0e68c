"""Rows of discovery as tests need them, made without a scan."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.discovery.models import AcceptRule, Scan, ScanGrant, Service
from tests.support.cast import Someone

FINDING: dict[str, Any] = {
    "kind": "ollama",
    "version": "0.12.3",
    "models": [
        {"name": "llama3.2:3b", "capabilities": ["chat", "tools"], "context_length": 131_072, "is_loaded": True}
    ],
    "capabilities": ["chat", "tools"],
    "evidence": [{"probe": "GET /api/version", "shown": '{"version":"0.12.3"}'}],
    "risks": ["answers_without_key", "listens_on_all_addresses"],
    "confidence": 0.98,
    "address": "127.0.0.1",
}


def a_service(who: Someone, number: int = 1, **values: Any) -> Service:
    """This will keep a service that was found, each number another one."""
    now, url = timezone.now(), f"http://127.0.0.1:{9000 + number}"
    known = {
        "kind": "ollama", "name": f"box-{number}", "url": url, "host": "127.0.0.1", "port": 9000 + number, "source": "loopback",
        "identity": f"ollama:{url}", "finding": FINDING, "health": "healthy", "first_seen_at": now, "seen_at": now,
    }  # fmt: skip
    return Service.objects.create(organization_id=who.actor.organization_id, **{**known, **values})


def a_scan(who: Someone, **values: Any) -> Scan:
    """This will keep the record of a scan that somebody asked for."""
    now = timezone.now()
    known = {"trigger": "asked", "asked_by_id": who.user.pk, "state": "done", "asked_at": now, "ended_at": now}
    return Scan.objects.create(organization_id=who.actor.organization_id, **{**known, **values})


def a_grant(who: Someone, **values: Any) -> ScanGrant:
    """This will keep a grant of some days."""
    now = timezone.now()
    known = {"cidr": "192.168.1.0/24", "reason": "the lab", "granted_at": now, "expires_at": now + timedelta(days=3)}
    return ScanGrant.objects.create(
        organization_id=who.actor.organization_id, granted_by_id=who.user.pk, **{**known, **values}
    )


def a_rule(who: Someone, **values: Any) -> AcceptRule:
    """This will keep a rule."""
    known = {"kind": "ollama", "network": "127.0.0.0/8", "made_at": timezone.now(), "made_by_id": who.user.pk}
    return AcceptRule.objects.create(organization_id=who.actor.organization_id, **{**known, **values})
