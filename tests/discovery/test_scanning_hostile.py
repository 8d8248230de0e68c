"""Hostile servers neither hold a scan up nor are taken for anything, and do not keep it from finding the others."""

import asyncio
from datetime import UTC, datetime

import pytest

from apps.discovery.contracts import Candidate, HealthState, ScanResult, ServiceKind
from apps.discovery.engine.policy import Policy
from apps.discovery.scanning import LIMITS, check_health, scan
from tests.doubles.fleet.everything import HOSTILE, attackers, hostile, running
from tests.doubles.fleet.ollama import Ollama

POLICY = Policy(now=datetime(2026, 11, 21, tzinfo=UTC))


async def scan_ports(*ports: int) -> ScanResult:
    """What a scan of ports of this machine finds."""
    return await scan([Candidate(source="test", host="127.0.0.1", port=port) for port in ports], POLICY)


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_server_is_nothing_and_is_given_up_in_time(name: str) -> None:
    async with hostile(name) as server:
        port = server.port
        async with asyncio.timeout(LIMITS.target_s + 1):
            result = await scan_ports(port)

    assert result.findings == ()
    (touched,) = result.touched
    assert touched.open_ports == (port,)
    assert touched.received_bytes <= len(touched.requests) * LIMITS.body_bytes


@pytest.mark.parametrize("name", ["redirect", "redirect_307"])
async def test_a_redirect_is_not_followed(name: str) -> None:
    async with hostile(name) as server, Ollama() as other:
        await scan_ports(server.port)

    assert not other.log.requests


async def test_hostile_servers_do_not_hide_an_honest_one() -> None:
    async with running({**attackers(), "ollama": Ollama()}) as servers:
        honest = servers["ollama"].port
        result = await scan_ports(*(server.port for server in servers.values()))

    (finding,) = result.findings
    assert (finding.kind, finding.port) == (ServiceKind.OLLAMA, honest)
    assert not result.was_cut


async def test_a_deadline_ends_a_scan_with_what_it_has() -> None:
    async with hostile("tarpit") as tarpit, Ollama() as server:
        candidates = [Candidate(source="test", host="127.0.0.1", port=port) for port in (tarpit.port, server.port)]
        result = await scan(candidates, POLICY, deadline_s=1.4)

    assert result.was_cut
    assert [finding.kind for finding in result.findings] == [ServiceKind.OLLAMA]


@pytest.mark.parametrize("kind", [ServiceKind.OLLAMA, ServiceKind.MCP, ServiceKind.REDIS])
async def test_health_of_a_hostile_server_is_no_health_and_comes_in_time(kind: ServiceKind) -> None:
    scheme = "redis" if kind is ServiceKind.REDIS else "http"
    async with running(attackers()) as servers:
        urls = [f"{scheme}://127.0.0.1:{server.port}" for server in servers.values()]
        async with asyncio.timeout(LIMITS.target_s + 1):
            reports = await asyncio.gather(*(check_health(kind, url, is_listing=True) for url in urls))

    assert not [name for name, report in zip(servers, reports, strict=True) if report.state is HealthState.HEALTHY]
    assert not any(report.models for report in reports)
