"""Hostile servers neither hold a scan up nor fill its memory, lead it elsewhere, or are taken for anything."""

import asyncio
import time
import tracemalloc
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from apps.discovery.contracts import Candidate, Finding, HealthState, Risk, ScanResult, ServiceKind
from apps.discovery.engine import matching
from apps.discovery.engine.fingerprint import Sign
from apps.discovery.engine.fingerprints import searxng
from apps.discovery.engine.listing import V1_MODELS
from apps.discovery.engine.policy import Policy
from apps.discovery.engine.wire import Answer
from apps.discovery.scanning import LIMITS, Limits, check_health, identify, scan
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.fleet.changing import Liar
from tests.doubles.fleet.everything import HOSTILE, attackers, hostile, ordinary, running
from tests.doubles.fleet.hostile import Hostile, redirect
from tests.doubles.fleet.ollama import Ollama
from tests.doubles.fleet.vllm import Vllm
from tests.doubles.http_server import HttpServer

POLICY = Policy(now=datetime(2026, 11, 21, tzinfo=UTC))
# The same bounds, reached sooner: for servers that none of them lets through.
SHORT = Limits(probe_s=0.5, target_s=2.0)
# A busy machine may take its time; a scan that hangs takes for ever.
_PATIENCE_S = 60.0


def candidate(server: HttpServer) -> Candidate:
    """Where a server is."""
    return Candidate(source="test", host=server.host, port=server.port)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one scan saw of all hostile servers, each at an address of its own, with honest ones among them."""

    result: ScanResult
    names: dict[str, str]
    took_s: float
    led_astray: int

    def of(self, name: str) -> list[Finding]:
        """What was found where this server is."""
        return [finding for finding in self.result.findings if self.names[finding.address] == name]


async def _scan_all() -> Seen:
    honest = {"ollama": Ollama(), "vllm": Vllm(), "openai": FakeOpenAI()}
    async with Ollama() as elsewhere:
        leading = {f"leads_on_{status}": Hostile(redirect(status, elsewhere.url)) for status in (302, 307)}
        async with running({**attackers(), **leading, **honest}, is_apart=True) as servers:
            began = time.monotonic()
            async with asyncio.timeout(_PATIENCE_S):
                result = await scan([candidate(server) for server in servers.values()], POLICY)
            took_s = time.monotonic() - began
            names = {server.host: name for name, server in servers.items()}
        return Seen(result, names, took_s, elsewhere.log.connection_count)


@pytest.fixture(scope="module")
def seen() -> Seen:
    """One scan for all: they are given up side by side."""
    return asyncio.run(_scan_all())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server_is_nothing_and_is_read_within_bounds(seen: Seen, name: str) -> None:
    (touched,) = (row for row in seen.result.touched if seen.names[row.address] == name)

    assert seen.of(name) == []
    assert len(touched.open_ports) == 1
    assert touched.requests
    assert touched.received_bytes <= len(touched.requests) * LIMITS.body_bytes


def test_hostile_servers_hide_no_honest_one(seen: Seen) -> None:
    found = {name: [finding.kind for finding in seen.of(name)] for name in ("ollama", "vllm", "openai")}

    assert found == {"ollama": [ServiceKind.OLLAMA], "vllm": [ServiceKind.VLLM], "openai": [ServiceKind.OPENAI]}
    assert not seen.result.was_cut


def test_hostile_servers_together_cost_one_servers_patience(seen: Seen) -> None:
    assert seen.took_s < len(HOSTILE) * LIMITS.probe_s, "they were waited for one after the other"


def test_a_redirect_is_followed_nowhere(seen: Seen) -> None:
    assert [len(row.requests) > 0 for row in seen.result.touched if "leads_on" in seen.names[row.address]] == [True] * 2
    assert {row.address for row in seen.result.touched} == set(seen.names)
    assert seen.led_astray == 0


async def test_a_deadline_ends_a_scan_with_what_it_has_and_leaves_nothing_running() -> None:
    async with hostile("tarpit") as tarpit, Ollama() as server:
        before = asyncio.all_tasks()
        result = await scan([candidate(tarpit), candidate(server)], POLICY, deadline_s=1.2)
        left = asyncio.all_tasks() - before

    assert result.was_cut
    assert [finding.kind for finding in result.findings] == [ServiceKind.OLLAMA]
    assert not left


async def test_what_servers_send_without_end_is_not_kept() -> None:
    names = ("bomb", "endless", "huge_header", "many_headers", "endless_header", "endless_trailer", "endless_hints")
    servers = {name: hostile(name) for name in names} | {"page_for_all": ordinary()["page_for_all"]}
    async with running(servers):
        tracemalloc.start()
        try:
            await scan([candidate(server) for server in servers.values()], POLICY, limits=SHORT)
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    # The servers' own buffers lie in this process too: pages of 2 MB and headers of 4 MB, for each request.
    assert peak_bytes < 150_000_000


async def test_a_fingerprint_that_fails_over_one_answer_ends_no_scan(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(answer: Answer) -> str:
        raise RuntimeError("a fault of ours")

    failing = replace(searxng.FINGERPRINT, signs=((Sign(V1_MODELS, fail),),))
    monkeypatch.setattr(matching, "HTTP", (*matching.HTTP, failing))
    async with running({"vllm": Vllm(), "ollama": Ollama()}) as servers:
        result = await scan([candidate(server) for server in servers.values()], POLICY)

    assert [finding.kind for finding in result.findings] == [ServiceKind.OLLAMA]
    assert "could not be read" in caplog.text


@pytest.mark.parametrize("identity", ["", "llama3.2"])
async def test_a_server_that_claims_to_be_everything_is_not_believed_much(identity: str) -> None:
    async with Liar(identity) as server:
        found = await identify(candidate(server), POLICY)

    assert found is not None
    assert found.kind is ServiceKind.OPENAI
    assert Risk.UNCERTAIN in found.risks
    shown = (found.version, found.name, *(model.name for model in found.models))
    assert all(text.isprintable() and len(text) <= 200 for text in shown)
    assert all(model.context_length is None for model in found.models)


async def test_health_of_a_hostile_server_is_no_health_and_comes_in_time() -> None:
    kinds = {ServiceKind.OLLAMA: "http", ServiceKind.MCP: "http", ServiceKind.VLLM: "http", ServiceKind.REDIS: "redis"}
    async with asyncio.timeout(_PATIENCE_S), running(attackers()) as servers:
        asked = [
            (name, kind, check_health(kind, f"{scheme}://127.0.0.1:{server.port}", is_listing=True, limits=SHORT))
            for name, server in servers.items()
            for kind, scheme in kinds.items()
        ]
        reports = await asyncio.gather(*(look for _, _, look in asked))

    told = {(name, kind): report for (name, kind, _), report in zip(asked, reports, strict=True)}
    assert not {which for which, report in told.items() if report.state is HealthState.HEALTHY}
    assert not any(report.models for report in reports)


async def test_a_key_is_sent_to_no_other_address_than_the_services_own() -> None:
    async with Vllm() as elsewhere, Vllm(key="sk-right") as locked:
        async with Hostile(redirect(307, f"{elsewhere.url}/v1/models")) as server:
            await check_health(ServiceKind.VLLM, server.url, "sk-right")
            asked = list(server.log.requests)
        well = await check_health(ServiceKind.VLLM, locked.url, "sk-right", is_listing=True)

    assert well.state is HealthState.HEALTHY
    assert 0 < len(asked) <= 2
    assert elsewhere.log.connection_count == 0
