"""Hostile servers neither hang the scanner nor fill its memory, nor lead it elsewhere, nor make it believe them."""

import asyncio
import time
import tracemalloc
from datetime import UTC, datetime

import pytest

from apps.discovery.contracts import Candidate, Finding, HealthState, Risk, ServiceKind
from apps.discovery.engine.policy import Policy
from apps.discovery.scanning import LIMITS, check_health, scan
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.fleet.changing import Changing, Liar
from tests.doubles.fleet.everything import HOSTILE, attackers, ordinary, running
from tests.doubles.fleet.hostile import hostile
from tests.doubles.fleet.vllm import Vllm
from tests.doubles.http_server import HttpServer

POLICY = Policy(now=datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
# A busy machine may take its time; a scan that hangs takes for ever.
_PATIENCE_S = 60.0


async def look(*servers: HttpServer) -> tuple[Finding, ...]:
    """Scan servers that run on this address."""
    candidates = [Candidate(source="test", host=server.host, port=server.port) for server in servers]
    async with asyncio.timeout(_PATIENCE_S):
        return (await scan(candidates, POLICY)).findings


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_server_is_given_up_and_not_found(name: str) -> None:
    async with hostile(name) as server:
        found = await look(server)

    assert found == ()


async def test_hostile_servers_together_cost_one_servers_patience_and_spoil_no_other_finding() -> None:
    async with running(attackers()) as enemies, running({"vllm": Vllm(), "openai": FakeOpenAI()}) as friends:
        began = time.monotonic()
        found = await look(*enemies.values(), *friends.values())
        took_s = time.monotonic() - began

    assert {finding.kind for finding in found} == {ServiceKind.VLLM, ServiceKind.OPENAI}
    assert took_s < len(enemies) * LIMITS.probe_s, "they were waited for one after the other"


@pytest.mark.parametrize("name", ["endless", "bomb", "huge_header", "many_headers", "page_for_all"])
async def test_what_a_server_sends_without_end_is_not_kept(name: str) -> None:
    server = hostile(name) if name in HOSTILE else ordinary()[name]
    async with server:
        candidate = Candidate(source="test", host="127.0.0.1", port=server.port)
        tracemalloc.start()
        try:
            result = await scan([candidate], POLICY)
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    # The server's own buffers lie in this process too: its page of 2 MB, or 4 MB of header, for each request.
    assert peak_bytes < 100_000_000
    requests = [request for touched in result.touched for request in touched.requests]
    received_bytes = sum(touched.received_bytes for touched in result.touched)
    assert received_bytes <= max(1, len(requests)) * LIMITS.body_bytes


@pytest.mark.parametrize("name", ["redirect", "redirect_307"])
async def test_a_redirect_is_never_followed_wherever_it_leads(name: str) -> None:
    async with hostile(name) as server:
        candidate = Candidate(source="test", host="127.0.0.1", port=server.port)
        result = await scan([candidate], POLICY)

    assert [touched.address for touched in result.touched] == ["127.0.0.1"]
    assert server.log.requests


@pytest.mark.parametrize("identity", ["", "llama3.2"])
async def test_a_server_that_claims_to_be_everything_is_not_believed_much(identity: str) -> None:
    async with Liar(identity) as server:
        found = await look(server)

    for finding in found:
        assert Risk.UNCERTAIN in finding.risks
        shown = (finding.version, finding.name, *(model.name for model in finding.models))
        assert all(text.isprintable() and len(text) <= 200 for text in shown)
        assert all((model.context_length or 0) <= 2**53 for model in finding.models)


async def test_health_of_a_server_that_became_hostile_is_told_in_bounded_time() -> None:
    async with asyncio.timeout(_PATIENCE_S), running(attackers()) as servers:
        reports = await asyncio.gather(
            *(check_health(ServiceKind.VLLM, server.url, is_listing=True) for server in servers.values())
        )

    assert HealthState.HEALTHY not in {report.state for report in reports}
    assert not any(report.models for report in reports)


async def test_health_follows_a_server_that_loses_its_key_turns_into_another_and_goes() -> None:
    face = Vllm()
    async with Changing(face) as server:
        well = await check_health(ServiceKind.VLLM, server.url, is_listing=True)
        face.serve("another-model")
        changed = await check_health(ServiceKind.VLLM, server.url, is_listing=True)
        face.key = "sk-new"
        locked = await check_health(ServiceKind.VLLM, server.url)
        server.face = ordinary()["searxng"]
        other = await check_health(ServiceKind.VLLM, server.url)
        url = server.url
        await server.go_down()
        gone = await check_health(ServiceKind.VLLM, url)

    assert well.state is HealthState.HEALTHY
    assert [model.name for model in changed.models or ()] == ["another-model"]
    assert locked.state is HealthState.CONFIG_ERROR
    assert other.is_other
    assert gone.state is HealthState.OFFLINE


async def test_a_key_is_sent_to_no_other_address_than_the_services_own() -> None:
    async with hostile("redirect_307") as server, Vllm(key="sk-right") as locked:
        await check_health(ServiceKind.VLLM, server.url, "sk-right")
        well = await check_health(ServiceKind.VLLM, locked.url, "sk-right", is_listing=True)
        asked = list(server.log.requests)

    assert well.state is HealthState.HEALTHY
    assert len(asked) <= 2
