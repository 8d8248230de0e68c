"""Each product of the fleet is told apart from those that look like it, and read."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from apps.discovery.contracts import Candidate, Finding, HealthState, Risk, ServiceKind
from apps.discovery.engine.policy import Policy
from apps.discovery.scanning import identify, scan
from olympus.kernel.http import instance_id
from tests.doubles.fleet.changing import Liar
from tests.doubles.fleet.everything import NOTHING, PRODUCTS
from tests.doubles.fleet.olympus import Olympus
from tests.doubles.fleet.stores import postgres, valkey
from tests.doubles.http_server import HttpServer

POLICY = Policy(now=datetime(2026, 11, 21, tzinfo=UTC))


async def found_at(port: int, **more: object) -> Finding | None:
    """What a look at a port of this machine finds."""
    return await identify(Candidate(source="test", host="127.0.0.1", port=port, **more), POLICY)  # type: ignore[arg-type]


async def found(name: str) -> Finding:
    """What is found of a product."""
    async with PRODUCTS[name][1]() as server:
        finding = await found_at(server.port)
    assert finding is not None
    return finding


@pytest.mark.parametrize("name", PRODUCTS)
async def test_each_product_is_known_by_evidence_it_gave(name: str) -> None:
    finding = await found(name)

    assert finding.kind is PRODUCTS[name][0]
    assert finding.confidence >= 0.5
    assert all(evidence.probe and evidence.shown for evidence in finding.evidence)
    assert finding.needs_key == (Risk.NO_KEY not in finding.risks) or finding.kind is ServiceKind.SEARXNG


@pytest.mark.parametrize("name", NOTHING)
async def test_what_is_no_product_is_not_found(name: str) -> None:
    async with NOTHING[name]() as server:
        finding = await found_at(server.port)

    assert finding is None


@pytest.mark.parametrize(
    ("name", "can"),
    [
        ("ollama", {"chat", "tools", "vision", "thinking", "embeddings"}),
        ("llamacpp", {"chat", "vision"}),
        ("lm_studio", {"chat", "embeddings", "tools", "vision"}),
        ("localai", {"chat", "embeddings", "vision"}),
    ],
)
async def test_capabilities_are_read_where_they_are_told(name: str, can: set[str]) -> None:
    finding = await found(name)

    assert can <= finding.capabilities


@pytest.mark.parametrize("name", ["ollama", "llamacpp", "vllm", "sglang", "lm_studio", "tgi", "model_runner"])
async def test_models_have_names_and_a_context_length(name: str) -> None:
    finding = await found(name)

    assert finding.models
    assert all(model.name for model in finding.models)
    assert any(model.context_length for model in finding.models)


@pytest.mark.parametrize(
    "name", ["ollama", "llamacpp", "vllm", "sglang", "localai", "tgi", "litellm", "searxng", "mcp"]
)
async def test_the_version_is_read(name: str) -> None:
    assert (await found(name)).version


async def test_a_server_that_loads_its_model_is_warming() -> None:
    assert (await found("llamacpp_loading")).state is HealthState.WARMING


@pytest.mark.parametrize("name", ["litellm_key", "openai_key", "llamacpp_key"])
async def test_a_locked_server_needs_a_key(name: str) -> None:
    finding = await found(name)

    assert finding.needs_key
    assert finding.state is HealthState.CONFIG_ERROR
    assert Risk.NO_KEY not in finding.risks


async def test_a_port_on_all_addresses_is_a_risk_and_a_self_given_name_too() -> None:
    async with PRODUCTS["mcp"][1]() as server:
        finding = await found_at(server.port, listens_on="0.0.0.0")

    assert finding is not None
    assert {Risk.ALL_ADDRESSES, Risk.SELF_NAMED} <= set(finding.risks)


async def test_olympus_finds_another_olympus_and_never_itself() -> None:
    async with Olympus() as server:
        other = await found_at(server.port)
    async with Olympus(instance=instance_id()) as server:
        itself = await found_at(server.port)
        asked = len(server.log.requests)

    assert other is not None
    assert other.kind is ServiceKind.OLYMPUS
    assert itself is None
    assert asked == 1


async def test_valkey_and_postgres_are_known_without_logging_in() -> None:
    async with valkey() as store, postgres() as database:
        result = await scan(
            [Candidate(source="test", host="127.0.0.1", port=port) for port in (store, database)], POLICY
        )

    kinds = {finding.kind: finding for finding in result.findings}
    assert set(kinds) == {ServiceKind.REDIS, ServiceKind.POSTGRES}
    assert kinds[ServiceKind.REDIS].version
    assert kinds[ServiceKind.POSTGRES].url == f"postgresql://127.0.0.1:{database}"


async def test_a_server_that_says_it_is_several_products_is_doubted() -> None:
    async with Liar() as server:
        finding = await found_at(server.port)

    assert finding is not None
    assert finding.kind is ServiceKind.OPENAI
    assert Risk.UNCERTAIN in finding.risks
    assert all(len(model.name) <= 200 and "\x00" not in model.name for model in finding.models)
    assert all(model.context_length is None for model in finding.models)


@pytest.mark.parametrize("make", [PRODUCTS["ollama"][1], PRODUCTS["mcp"][1], PRODUCTS["searxng"][1]])
async def test_only_questions_are_sent_without_credentials_under_our_name(make: Callable[[], HttpServer]) -> None:
    async with make() as server:
        await found_at(server.port)
        requests = list(server.log.requests)

    assert {request.method for request in requests} <= {"GET", "POST"}
    assert {request.path for request in requests if request.method == "POST"} <= {"/mcp", "/api/show"}
    assert all("Olympus" in request.headers["user-agent"] for request in requests)
    assert not any({"authorization", "cookie", "x-olympus-instance"} & set(request.headers) for request in requests)


async def test_a_program_of_a_configuration_is_proposed_and_never_started() -> None:
    candidate = Candidate(source="mcp_files", name="files", command=("/bin/false", "--x"), env_names=("TOKEN",))

    result = await scan([candidate], POLICY)

    (finding,) = result.findings
    assert (finding.kind, finding.command, finding.env_names) == (ServiceKind.MCP, candidate.command, ("TOKEN",))
    assert Risk.STARTS_PROGRAM in finding.risks
    assert not result.touched
