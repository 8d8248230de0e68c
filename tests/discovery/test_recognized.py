"""Each product of the fleet is told apart from those that look like it, and read, from what it says over the wire."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from apps.discovery.contracts import Candidate, Finding, HealthState, Risk, ScanResult, ServiceKind
from apps.discovery.engine.fingerprints import postgres as postgres_fingerprint
from apps.discovery.engine.matching import guess_of
from apps.discovery.engine.policy import Policy
from apps.discovery.engine.wire import Answer
from apps.discovery.scanning import identify, scan
from olympus.kernel.http import instance_id
from tests.doubles.fleet.everything import NOTHING, PRODUCTS, ordinary, running
from tests.doubles.fleet.mcp import ModernMcp
from tests.doubles.fleet.olympus import Olympus
from tests.doubles.fleet.stores import postgres, valkey
from tests.doubles.http_server import Request

POLICY = Policy(now=datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
_SECRETS = {"authorization", "cookie", "x-api-key", "x-olympus-instance"}


@dataclass(frozen=True, slots=True)
class Seen:
    """What one scan saw of the whole fleet, and what the servers were asked."""

    result: ScanResult
    found: dict[str, Finding]
    asked: dict[str, list[Request]]


async def _scan_all() -> Seen:
    async with running(ordinary(), "127.0.0.4") as servers:
        ports = {server.port: name for name, server in servers.items()}
        candidates = [Candidate(source="test", host="127.0.0.4", port=port) for port in ports]
        result = await scan(candidates, POLICY, instance="0" * 24)
        asked = {name: list(server.log.requests) for name, server in servers.items()}
    return Seen(result, {ports[finding.port]: finding for finding in result.findings}, asked)


@pytest.fixture(scope="module")
def seen() -> Seen:
    """One scan for all, as they run side by side."""
    return asyncio.run(_scan_all())


def test_each_product_is_told_apart_while_all_run_side_by_side(seen: Seen) -> None:
    kinds = {name: finding.kind for name, finding in seen.found.items()}

    assert kinds == {name: kind for name, (kind, _) in PRODUCTS.items()}
    assert not seen.result.was_cut


@pytest.mark.parametrize("name", NOTHING)
def test_what_is_no_service_is_not_found(seen: Seen, name: str) -> None:
    assert seen.asked[name]
    assert name not in seen.found


@pytest.mark.parametrize("name", PRODUCTS)
def test_each_product_is_known_by_evidence_it_gave(seen: Seen, name: str) -> None:
    finding = seen.found[name]

    assert finding.confidence >= 0.5
    assert all(evidence.probe and evidence.shown for evidence in finding.evidence)
    assert finding.needs_key == (Risk.NO_KEY not in finding.risks) or finding.kind is ServiceKind.SEARXNG


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
def test_the_version_is_the_products_own_and_not_that_of_what_it_emulates(seen: Seen, name: str, version: str) -> None:
    assert seen.found[name].version == version


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
def test_models_come_with_what_they_can_how_much_they_read_and_whether_they_are_loaded(
    seen: Seen, name: str, model: str, capabilities: set[str], context_length: int, is_loaded: bool
) -> None:
    told = {each.name: each for each in seen.found[name].models}[model]

    assert (set(told.capabilities), told.context_length, told.is_loaded) == (capabilities, context_length, is_loaded)


def test_what_models_can_do_and_their_context_is_read_also_where_it_has_a_page_of_its_own(seen: Seen) -> None:
    assert {"chat", "embeddings", "vision"} <= seen.found["localai"].capabilities
    assert any(model.context_length for model in seen.found["model_runner"].models)


@pytest.mark.parametrize("name", ["llamacpp_key", "litellm_key", "openai_key", "olympus"])
def test_a_server_that_wants_a_key_says_so_on_its_card(seen: Seen, name: str) -> None:
    finding = seen.found[name]

    assert finding.needs_key
    assert finding.state is HealthState.CONFIG_ERROR
    assert Risk.NO_KEY not in finding.risks


def test_a_model_that_loads_is_warming_and_no_failure(seen: Seen) -> None:
    assert seen.found["llamacpp_loading"].state is HealthState.WARMING


def test_only_reading_is_asked_under_our_name_and_never_with_credentials_cookies_or_what_calls_a_model(
    seen: Seen,
) -> None:
    asked = [request for requests in seen.asked.values() for request in requests]
    paths = {request.path for request in asked}

    assert {request.method for request in asked} <= {"GET", "POST"}
    assert {request.path for request in asked if request.method == "POST"} <= {"/api/show", "/mcp"}
    assert not [request for request in asked if _SECRETS & set(request.headers)]
    assert all("olympus" in request.headers["user-agent"].lower() for request in asked)
    assert not [path for path in paths if "chat" in path or "completions" in path or "generate" in path]
    # LiteLLM's page of health calls every model.
    assert "/health" not in {request.path for request in seen.asked["litellm"]}


async def test_the_real_stores_are_found_open_or_locked_without_logging_in() -> None:
    async with postgres("127.0.0.6") as one, valkey("127.0.0.6") as two, valkey("127.0.0.6", password="x") as three:
        candidates = [Candidate(source="test", host="127.0.0.6", port=port) for port in (one, two, three)]
        result = await scan(candidates, POLICY)
    found = {finding.port: finding for finding in result.findings}

    assert [found[port].kind for port in (one, two, three)] == [
        ServiceKind.POSTGRES,
        ServiceKind.REDIS,
        ServiceKind.REDIS,
    ]
    assert found[one].url == f"postgresql://127.0.0.6:{one}"
    assert found[two].version
    assert Risk.NO_KEY in found[two].risks
    assert found[three].needs_key
    assert found[three].state is HealthState.CONFIG_ERROR


@pytest.mark.parametrize(
    ("said", "is_postgres"),
    [
        (b"G", True),
        (b"N", True),
        (b"E\0\0\0\x50SFATAL\0C0A000\0Munsupported frontend protocol 1234.5680\0\0", True),
        (b"S", False),
        (b"No such command", False),
        (b"ERR C0A000", False),
        (b"", False),
    ],
)
def test_postgres_says_yes_or_no_to_encryption_or_that_it_is_too_old_for_the_question(
    said: bytes, is_postgres: bool
) -> None:
    guess = guess_of(postgres_fingerprint.FINGERPRINT, {"TCP GSSENCRequest": Answer(body=said)})

    assert (guess is not None) is is_postgres


async def test_an_mcp_server_is_found_where_its_candidate_says_it_is() -> None:
    async with ModernMcp("notes", path="/tools/mcp") as server:
        candidate = Candidate(
            source="test",
            host="127.0.0.1",
            port=server.port,
            path="/tools/mcp",
            kind=ServiceKind.MCP,
            is_named=True,
            listens_on="0.0.0.0",
        )
        result = await scan([candidate], POLICY)

    (finding,) = result.findings
    assert finding.url == f"http://127.0.0.1:{candidate.port}/tools/mcp"
    assert {Risk.SELF_NAMED, Risk.ALL_ADDRESSES} <= set(finding.risks)


async def test_another_olympus_is_found_and_this_one_is_left_after_one_request() -> None:
    async with Olympus() as other, Olympus(instance=instance_id()) as own:
        found = [
            await identify(Candidate(source="test", host="127.0.0.1", port=server.port), POLICY)
            for server in (other, own)
        ]
        asked = len(own.log.requests)

    assert [finding.kind if finding else None for finding in found] == [ServiceKind.OLYMPUS, None]
    assert asked == 1


async def test_a_program_of_a_configuration_is_proposed_and_never_started() -> None:
    candidate = Candidate(source="mcp_files", name="files", command=("/bin/false", "--x"), env_names=("TOKEN",))

    result = await scan([candidate], POLICY)

    (finding,) = result.findings
    assert (finding.kind, finding.command, finding.env_names) == (ServiceKind.MCP, candidate.command, ("TOKEN",))
    assert Risk.STARTS_PROGRAM in finding.risks
    assert not result.touched
