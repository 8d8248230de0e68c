"""One look at a service: what it says of each product, and of one that changes."""

import pytest

from apps.discovery.contracts import HealthState, ServiceKind
from apps.discovery.scanning import check_health
from tests.doubles.fleet.changing import Changing
from tests.doubles.fleet.everything import PRODUCTS
from tests.doubles.fleet.litellm import LiteLlm
from tests.doubles.fleet.llamacpp import LlamaCpp
from tests.doubles.fleet.ollama import Ollama
from tests.doubles.fleet.stores import postgres, valkey
from tests.doubles.fleet.vllm import Vllm

WITHOUT_KEY = {"openai_key", "olympus", "llamacpp_loading"}


def url_of(name: str, root: str) -> str:
    """The address a finding would have."""
    kind = PRODUCTS[name][0]
    return root + {ServiceKind.MCP: "/mcp", ServiceKind.MODEL_RUNNER: "/engines"}.get(kind, "")


@pytest.mark.parametrize("name", [name for name in PRODUCTS if name not in WITHOUT_KEY])
async def test_each_product_is_healthy_by_requests_that_call_no_model(name: str) -> None:
    async with PRODUCTS[name][1]() as server:
        report = await check_health(PRODUCTS[name][0], url_of(name, server.url))
        asked = {f"{request.method} {request.path}" for request in server.log.requests}

    assert (report.state, report.detail) == (HealthState.HEALTHY, "")
    assert report.latency_ms is not None
    assert len(asked) <= 2
    assert all(each.startswith("GET") or each == "POST /mcp" for each in asked)


@pytest.mark.parametrize(
    "name", ["ollama", "llamacpp", "vllm", "sglang", "lm_studio", "localai", "tgi", "model_runner"]
)
async def test_a_look_with_a_listing_brings_the_models(name: str) -> None:
    async with PRODUCTS[name][1]() as server:
        report = await check_health(PRODUCTS[name][0], url_of(name, server.url), is_listing=True)

    assert report.models


async def test_a_missing_key_is_no_failure_and_the_right_one_is_healthy() -> None:
    async with PRODUCTS["openai_key"][1]() as server:
        without = await check_health(ServiceKind.OPENAI, server.url)
        right = await check_health(ServiceKind.OPENAI, server.url, "sk-right")

    assert (without.state, without.detail) == (HealthState.CONFIG_ERROR, "HTTP 401")
    assert right.state is HealthState.HEALTHY


async def test_a_server_that_loads_is_warming() -> None:
    async with LlamaCpp(is_loading=True) as server:
        report = await check_health(ServiceKind.LLAMACPP, server.url)

    assert report.state is HealthState.WARMING


async def test_a_closed_port_is_offline() -> None:
    async with Ollama() as server:
        url = server.url

    assert (await check_health(ServiceKind.OLLAMA, url)).state is HealthState.OFFLINE


@pytest.mark.parametrize("face", [Vllm, LiteLlm])
async def test_another_product_at_the_address_is_seen(face: type) -> None:
    async with Changing(Ollama()) as server:
        before = await check_health(ServiceKind.OLLAMA, server.url)
        server.face = face()
        after = await check_health(ServiceKind.OLLAMA, server.url)

    assert before.state is HealthState.HEALTHY
    assert after.is_other
    assert after.state is HealthState.UNHEALTHY


async def test_stores_are_watched_by_their_own_protocols() -> None:
    async with valkey() as store, postgres() as database:
        redis_report = await check_health(ServiceKind.REDIS, f"redis://127.0.0.1:{store}")
        postgres_report = await check_health(ServiceKind.POSTGRES, f"postgresql://127.0.0.1:{database}")

    assert redis_report.state is HealthState.HEALTHY
    assert postgres_report.state is HealthState.HEALTHY


async def test_a_store_with_a_password_wants_it() -> None:
    async with valkey(password="right") as store:
        url = f"redis://127.0.0.1:{store}"
        without = await check_health(ServiceKind.REDIS, url)
        wrong = await check_health(ServiceKind.REDIS, url, "wrong")
        right = await check_health(ServiceKind.REDIS, url, "right")

    assert (without.state, wrong.state) == (HealthState.CONFIG_ERROR, HealthState.CONFIG_ERROR)
    assert right.state is HealthState.HEALTHY


@pytest.mark.parametrize("url", ["", "http://", "http://[", "http://a:99999", "ftp://x", "http://2130706433:80"])
async def test_an_address_that_is_none_is_an_answer_and_no_error(url: str) -> None:
    report = await check_health(ServiceKind.OLLAMA, url)

    assert report.state in {HealthState.CONFIG_ERROR, HealthState.OFFLINE}
