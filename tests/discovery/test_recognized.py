"""The scanner tells every server of the fleet apart, and what is none of them, from what they say over the wire."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from apps.discovery.contracts import Candidate, Finding, HealthState, Risk, ScanResult, ServiceKind
from apps.discovery.engine.policy import Policy
from apps.discovery.scanning import scan
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.fleet.everything import NOTHING, PRODUCTS, ordinary, running
from tests.doubles.fleet.litellm import LiteLlm
from tests.doubles.fleet.mcp import ModernMcp
from tests.doubles.fleet.stores import postgres, valkey
from tests.doubles.http_server import HttpServer

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
POLICY = Policy(now=NOW)


async def look(servers: Mapping[str, HttpServer], host: str = "127.0.0.4") -> tuple[dict[str, Finding], ScanResult]:
    """Scan servers that run, and return what was found by their names."""
    ports = {server.port: name for name, server in servers.items()}
    candidates = [Candidate(source="test", host=host, port=port) for port in ports]
    result = await scan(candidates, POLICY, instance="0" * 24)
    return {ports[finding.port]: finding for finding in result.findings}, result


async def look_at(server: HttpServer) -> Finding | None:
    """Scan one server that does not run yet."""
    async with running({"it": server}) as servers:
        found, _ = await look(servers, server.host)
    return found.get("it")


async def test_each_product_is_told_apart_while_all_run_side_by_side() -> None:
    async with running(ordinary(), "127.0.0.4") as servers:
        found, result = await look(servers)

    assert {name: finding.kind for name, finding in found.items()} == {
        name: kind for name, (kind, _) in PRODUCTS.items()
    }
    assert not result.was_cut


@pytest.mark.parametrize("name", NOTHING)
async def test_what_is_no_service_is_not_found(name: str) -> None:
    assert await look_at(NOTHING[name]()) is None


async def test_the_real_stores_are_found_open_or_locked() -> None:
    async with postgres("127.0.0.6") as one, valkey("127.0.0.6") as two, valkey("127.0.0.6", password="x") as three:
        candidates = [Candidate(source="test", host="127.0.0.6", port=port) for port in (one, two, three)]
        result = await scan(candidates, POLICY)
    found = {finding.port: finding for finding in result.findings}

    assert [found[port].kind for port in (one, two, three)] == [
        ServiceKind.POSTGRES,
        ServiceKind.REDIS,
        ServiceKind.REDIS,
    ]
    assert Risk.NO_KEY in found[two].risks
    assert found[three].needs_key
    assert found[three].state is HealthState.CONFIG_ERROR


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("ollama", "0.12.3"),
        ("llamacpp", "b6123-abc1234"),
        ("vllm", "0.11.2"),
        ("sglang", "0.5.4"),
        ("localai_as_ollama", "v3.9.0 (82c191afa)"),
        ("tgi", "3.3.7"),
        ("litellm", "1.80.0"),
        ("model_runner", "v1.1.2"),
        ("mcp", "1.4.2"),
        ("mcp_legacy", "1.4.2"),
        ("searxng", "2026.8.22+9fea41204"),
    ],
)
async def test_the_version_is_the_products_own_and_not_that_of_what_it_emulates(name: str, version: str) -> None:
    found = await look_at(PRODUCTS[name][1]())

    assert found is not None
    assert found.version == version


@pytest.mark.parametrize(
    ("name", "model", "capabilities", "context_length", "is_loaded"),
    [
        ("ollama", "fake:latest", {"chat", "tools"}, 131072, True),
        ("ollama", "fake-vision:latest", {"chat", "vision", "tools", "thinking"}, 131072, False),
        ("ollama", "fake-embed:latest", {"embeddings"}, 131072, False),
        ("llamacpp", "unsloth/Qwen3-8B-GGUF:Q4_K_M", {"chat", "vision"}, 8192, True),
        ("vllm", "Qwen/Qwen3-8B", {"chat"}, 40960, True),
        ("sglang", "meta-llama/Llama-3.1-8B-Instruct", {"chat"}, 131072, True),
        ("lm_studio", "google/gemma-4-26b-a4b", {"chat", "vision", "tools", "thinking"}, 262144, True),
        ("lm_studio_old", "google/gemma-4-26b-a4b", {"chat", "vision"}, 262144, True),
        ("tgi", "HuggingFaceH4/zephyr-7b-beta", {"chat"}, 4096, True),
    ],
)
async def test_models_come_with_what_they_can_how_much_they_read_and_whether_they_are_loaded(
    name: str, model: str, capabilities: set[str], context_length: int, is_loaded: bool
) -> None:
    found = await look_at(PRODUCTS[name][1]())

    assert found is not None
    told = {each.name: each for each in found.models}[model]
    assert (set(told.capabilities), told.context_length, told.is_loaded) == (capabilities, context_length, is_loaded)


@pytest.mark.parametrize("name", ["llamacpp_key", "litellm_key", "openai_key", "olympus"])
async def test_a_server_that_wants_a_key_says_so_on_its_card(name: str) -> None:
    found = await look_at(PRODUCTS[name][1]())

    assert found is not None
    assert found.needs_key
    assert found.state is HealthState.CONFIG_ERROR
    assert Risk.NO_KEY not in found.risks


async def test_a_model_that_loads_is_warming_and_no_failure() -> None:
    found = await look_at(PRODUCTS["llamacpp_loading"][1]())

    assert found is not None
    assert (found.kind, found.state) == (ServiceKind.LLAMACPP, HealthState.WARMING)


async def test_an_mcp_server_is_found_where_its_candidate_says_it_is() -> None:
    async with ModernMcp("notes", path="/tools/mcp") as server:
        candidate = Candidate(
            source="test", host="127.0.0.1", port=server.port, path="/tools/mcp", kind=ServiceKind.MCP, is_named=True
        )
        result = await scan([candidate], POLICY)

    assert [finding.url for finding in result.findings] == [f"{server_root(candidate)}/tools/mcp"]
    assert Risk.SELF_NAMED in result.findings[0].risks


async def test_another_olympus_is_found_and_this_one_is_not() -> None:
    async with PRODUCTS["olympus"][1]() as server:
        candidate = Candidate(source="test", host="127.0.0.1", port=server.port)
        other = await scan([candidate], POLICY, instance="f" * 24)
        own = await scan([candidate], POLICY, instance="0123456789abcdef01234567")

    assert [finding.kind for finding in other.findings] == [ServiceKind.OLYMPUS]
    assert own.findings == ()


async def test_only_reading_is_asked_and_never_with_credentials_cookies_or_what_calls_a_model() -> None:
    async with running(ordinary(), "127.0.0.4") as servers:
        await look(servers)
        asked = [request for server in servers.values() for request in server.log.requests]

    assert {request.method for request in asked} <= {"GET", "POST"}
    assert {request.path for request in asked if request.method == "POST"} <= {"/api/show", "/mcp"}
    assert not [request for request in asked if {"authorization", "cookie", "x-api-key"} & set(request.headers)]
    assert all("olympus" in request.headers["user-agent"].lower() for request in asked)


async def test_litellms_health_page_that_calls_every_model_is_never_asked() -> None:
    async with running({"litellm": LiteLlm(), "openai": FakeOpenAI()}) as servers:
        await look(servers, "127.0.0.1")
        paths = {request.path for server in servers.values() for request in server.log.requests}

    assert "/health" not in paths
    assert not [path for path in paths if "chat" in path or "completions" in path or "generate" in path]


def server_root(candidate: Candidate) -> str:
    """The address before any path."""
    return f"http://{candidate.host}:{candidate.port}"
