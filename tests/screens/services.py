"""What discovery knows after some weeks: found, added and ignored services, scans, networks, rules; part of the seed."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.discovery.models import AcceptRule, Scan, ScanGrant, Service, ServiceHealth
from olympus.kernel.actor import Actor

_MODELS = [
    {"name": "llama3.3:70b-instruct-q4_K_M", "capabilities": ["chat", "tools"], "context_length": 131_072, "is_loaded": True},
    {"name": "qwen3:8b", "capabilities": ["chat", "tools", "thinking"], "context_length": 40_960, "is_loaded": False},
    {"name": "nomic-embed-text:latest", "capabilities": ["embeddings"], "context_length": 2048, "is_loaded": None},
    *({"name": f"team-model-{number}:8b", "capabilities": ["chat"], "context_length": None} for number in range(1, 7)),
]  # fmt: skip
_EVIDENCE = [
    {"probe": "GET /api/version", "shown": '{"version":"0.12.3"}'},
    {"probe": "GET /api/tags", "shown": '{"models":[{"name":"llama3.3:70b-instruct-q4_K_M","model":"llama3.3:70b…'},
]
_ALL = ["answers_without_key", "listens_on_all_addresses", "not_encrypted"]


def seed_services(actor: Actor) -> None:
    """This will add services in all their states, scans that went well and not, networks and rules."""
    _found(actor)
    _used(actor)
    _scans(actor)
    _consent(actor)


def _service(actor: Actor, kind: str, url: str, **values: Any) -> Service:
    now = timezone.now()
    host, _, port = url.partition("://")[2].partition(":")
    known = {"first_seen_at": now, "seen_at": now, "source": "loopback", "health": "healthy"}
    return Service.objects.create(
        organization_id=actor.organization_id, kind=kind, url=url, identity=f"{kind}:{url or values['name']}",
        host=host, port=int(port.partition("/")[0] or 0), **{**known, **values},
    )  # fmt: skip


def _found(actor: Actor) -> None:
    whole = {"version": "0.12.3", "models": _MODELS, "capabilities": ["chat", "embeddings", "tools"], "evidence": _EVIDENCE,
             "risks": _ALL, "confidence": 0.98, "address": "192.168.1.31"}  # fmt: skip
    _service(actor, "ollama", "http://192.168.1.31:11434", source="networks", finding=whole, name="gpu-box")
    closed = {
        "needs_key": True,
        "evidence": [{"probe": "GET /v1/models", "shown": "401"}],
        "risks": ["uncertain"],
        "confidence": 0.5,
    }
    _service(
        actor, "openai", "http://127.0.0.1:4000", finding=closed, health="config_error",
        name="The team's gateway, behind the second door on the left of the long corridor",
    )  # fmt: skip
    program = {"command": ["npx", "-y", "@modelcontextprotocol/server-filesystem", "/srv/contracts"], "risks": ["starts_program"],
               "env_names": ["CONTRACTS_TOKEN"], "confidence": 1.0}  # fmt: skip
    _service(actor, "mcp", "", source="mcp_config", name="contracts", finding=program, health="unknown")
    _service(actor, "searxng", "http://127.0.0.1:8888", lifecycle="ignored", finding={"confidence": 0.9})


def _used(actor: Actor) -> None:
    now = timezone.now()
    passed = {"lifecycle": "accepted", "decided_by_id": actor.user_id, "decided_at": now}
    well = _service(
        actor, "vllm", "http://127.0.0.1:8000", finding={"version": "0.11.0", "models": _MODELS[:1]}, **passed
    )
    ill = _service(
        actor, "llamacpp", "http://127.0.0.1:8080", health="offline", health_since=now - timedelta(days=2), **passed,
        stale_since=now - timedelta(days=1), moved_to="http://192.168.1.40:8080",
        finding={"models": [_MODELS[1]], "risks": ["answers_without_key"]},
    )  # fmt: skip
    ServiceHealth.objects.bulk_create(
        [
            ServiceHealth(service=well, state="healthy", since=now - timedelta(days=9)),
            ServiceHealth(service=ill, state="offline", since=now - timedelta(days=2), detail="connection refused"),
            ServiceHealth(service=ill, state="degraded", since=now - timedelta(days=2, minutes=1), detail="HTTP 503"),
            ServiceHealth(service=ill, state="healthy", since=now - timedelta(days=9)),
        ]
    )


def _scans(actor: Actor) -> None:
    now, own = timezone.now(), {"organization_id": actor.organization_id}
    touched = [
        {"host": "localhost", "address": "127.0.0.1", "ports": list(range(8000, 8064)), "open_ports": [8000, 8080],
         "requests": ["8000 GET /v1/models", "8000 GET /version", "8080 GET /v1/models"], "received_bytes": 4200},
        {"host": "metadata.internal", "address": "169.254.169.254", "refusal": "metadata"},
    ]  # fmt: skip
    done = {
        "state": "done",
        "host_count": 2,
        "request_count": 3,
        "refused_count": 1,
        "place_count": 64,
        "done_count": 64,
    }
    Scan.objects.create(
        **own, **done, trigger="asked", asked_by_id=actor.user_id, touched=touched, found_count=6, new_count=2,
        with_networks=True, asked_at=now - timedelta(minutes=7), ended_at=now - timedelta(minutes=7),
    )  # fmt: skip
    Scan.objects.create(
        **own, state="failed", trigger="schedule", error="Valkey did not answer.",
        asked_at=now - timedelta(hours=3), ended_at=now - timedelta(hours=3),
    )  # fmt: skip


def _consent(actor: Actor) -> None:
    now, own = timezone.now(), {"organization_id": actor.organization_id, "granted_by_id": actor.user_id}
    # The one that is open is loopback: screens scan, and tests ask nobody else.
    for cidr, reason, days, revoked_at in (
        ("127.8.0.0/27", "The office's GPU machines, asked for by the research team", 6, None),
        ("10.8.0.0/26", "Looking for the old workstation", 3, now),
        ("192.168.7.20/32", "One machine in the lab", -2, None),
    ):
        ScanGrant.objects.create(
            **own, cidr=cidr, ports=[8000, 11434], reason=reason, granted_at=now - timedelta(days=4),
            expires_at=now + timedelta(days=days), revoked_at=revoked_at,
        )  # fmt: skip
    AcceptRule.objects.create(
        organization_id=actor.organization_id,
        kind="ollama",
        network="127.0.0.0/8",
        made_by_id=actor.user_id,
        made_at=now,
    )
