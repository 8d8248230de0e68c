"""Each server of the fleet answers as its product does; where the product has a client of its own, that reads it."""

import httpx
import ollama
import openai
import pytest

from olympus.asgi import application
from tests.doubles.fleet.asking import ask
from tests.doubles.fleet.everything import PRODUCTS
from tests.doubles.fleet.litellm import LiteLlm
from tests.doubles.fleet.llamacpp import LlamaCpp
from tests.doubles.fleet.lm_studio import LmStudio, OldLmStudio
from tests.doubles.fleet.localai import LocalAi
from tests.doubles.fleet.model_runner import ModelRunner
from tests.doubles.fleet.ollama import Ollama
from tests.doubles.fleet.olympus import Olympus
from tests.doubles.fleet.searxng import SearXng
from tests.doubles.fleet.sglang import SgLang
from tests.doubles.fleet.tgi import Tgi
from tests.doubles.fleet.vllm import Vllm
from tests.doubles.http_server import HttpServer

OPENAI_SPEAKERS = ("llamacpp", "vllm", "sglang", "lm_studio", "localai", "tgi", "litellm", "model_runner", "openai")


@pytest.mark.parametrize("name", OPENAI_SPEAKERS)
async def test_the_openai_client_lists_its_models_and_chats_with_one(name: str) -> None:
    async with PRODUCTS[name][1]() as server:
        client = openai.AsyncOpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0)

        models = [model.id async for model in client.models.list()]
        answer = await client.chat.completions.create(
            model=models[0], messages=[{"role": "user", "content": "Hello"}], max_tokens=3
        )
        await client.close()

    assert answer.choices[0].message.content


@pytest.mark.parametrize("name", ["ollama", "localai", "model_runner"])
async def test_ollamas_client_lists_the_models_of_what_speaks_as_ollama(name: str) -> None:
    async with PRODUCTS[name][1]() as server:
        client = ollama.AsyncClient(server.url)
        models = (await client.list()).models
        await client.close()
        version = (await ask(server.url, "GET /api/version")).json()

    assert models
    assert version.keys() == {"version"}


async def test_ollama_owns_its_models_as_the_library() -> None:
    async with Ollama() as server:
        root = await ask(server.url)
        listed = (await ask(server.url, "GET /v1/models")).json()
        loaded = (await ask(server.url, "GET /api/ps")).json()

    assert root.body == b"Ollama is running"
    assert {row["owned_by"] for row in listed["data"]} == {"library"}
    assert loaded["models"][0]["size_vram"] > 0


async def test_llamacpp_says_503_to_everything_until_the_model_is_loaded() -> None:
    async with LlamaCpp(is_loading=True) as server:
        before = [await ask(server.url, route) for route in ("GET /health", "GET /v1/models", "GET /props", "GET /")]
        server.is_loading = False
        after = await ask(server.url, "GET /health")

    assert [heard.status for heard in before] == [503] * 4
    assert before[0].json()["error"]["message"] == "Loading model"
    assert {heard.headers["server"] for heard in (*before, after)} == {"llama.cpp"}
    assert (after.status, after.json()) == (200, {"status": "ok"})


async def test_llamacpp_lists_its_model_twice_and_tells_its_context() -> None:
    async with LlamaCpp(sees=True) as server:
        listed = (await ask(server.url, "GET /v1/models")).json()
        props = (await ask(server.url, "GET /props")).json()

    assert listed["models"][0]["capabilities"] == ["completion", "multimodal"]
    assert listed["data"][0]["owned_by"] == "llamacpp"
    assert listed["data"][0]["meta"]["n_ctx"] == props["default_generation_settings"]["n_ctx"]
    assert props["build_info"].startswith("b")


@pytest.mark.parametrize(
    ("server", "route", "open_route"),
    [
        (LlamaCpp(key="sk-right"), "GET /props", "GET /v1/models"),
        (Vllm(key="sk-right"), "GET /v1/models", "GET /version"),
        (SgLang(key="sk-right"), "GET /v1/models", "GET /health"),
        (LocalAi(key="sk-right"), "GET /v1/models", "GET /.well-known/localai.json"),
        (LiteLlm(key="sk-right"), "GET /v1/models", "GET /health/readiness"),
        (Olympus(key="sk-right"), "GET /v1/models", "GET /healthz"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, HttpServer) else "",
)
async def test_a_key_guards_what_the_product_guards_with_it(server: HttpServer, route: str, open_route: str) -> None:
    async with server:
        without = await ask(server.url, route)
        with_key = await ask(server.url, route, key="sk-right")
        unguarded = await ask(server.url, open_route)

    assert (without.status, with_key.status, unguarded.status) == (401, 200, 200)
    assert without.json()["error"]


async def test_vllm_and_sglang_name_themselves_and_their_longest_context() -> None:
    async with Vllm() as vllm, SgLang() as sglang:
        rows = [(await ask(server.url, "GET /v1/models")).json()["data"][0] for server in (vllm, sglang)]
        versions = [
            (await ask(vllm.url, "GET /version")).json()["version"],
            (await ask(sglang.url, "GET /get_server_info")).json()["version"],
        ]

    assert [row["owned_by"] for row in rows] == ["vllm", "sglang"]
    assert all(row["max_model_len"] > 0 for row in rows)
    assert all(versions)


async def test_lm_studio_says_200_to_what_it_does_not_know_and_has_an_api_of_each_age() -> None:
    async with LmStudio() as new, OldLmStudio() as old:
        unknown = await ask(new.url, "GET /api/tags")
        models = (await ask(new.url, "GET /api/v1/models")).json()["models"]
        too_new = (await ask(old.url, "GET /api/v1/models")).json()
        rows = (await ask(old.url, "GET /api/v0/models")).json()["data"]

    assert (unknown.status, unknown.json()) == (200, {"error": "Unexpected endpoint or method. (GET /api/tags)"})
    assert [model["type"] for model in models] == ["llm", "embedding"]
    assert models[0]["capabilities"]["trained_for_tool_use"]
    assert "error" in too_new
    assert [row["type"] for row in rows] == ["vlm", "embeddings"]


async def test_localai_may_pass_for_ollama_at_its_root_but_has_a_page_of_its_own() -> None:
    async with LocalAi(as_ollama=True) as server:
        root = await ask(server.url)
        tags = (await ask(server.url, "GET /api/tags")).json()
        about = (await ask(server.url, "GET /.well-known/localai.json")).json()
        row = (await ask(server.url, "GET /v1/models")).json()["data"][0]

    assert root.body == b"Ollama is running"
    assert tags["models"][0]["name"].endswith(":latest")
    assert about["endpoints"]["models"] == "/v1/models"
    assert row.keys() == {"id", "object"}


async def test_the_other_products_answer_at_the_address_that_tells_them() -> None:
    async with Tgi() as tgi, LiteLlm() as litellm, ModelRunner() as runner:
        info = (await ask(tgi.url, "GET /info")).json()
        ready = (await ask(litellm.url, "GET /health/readiness")).json()
        root = await ask(runner.url)
        row = (await ask(runner.url, "GET /engines/v1/models")).json()["data"][0]

    assert info["router"] == "text-generation-router"
    assert ready["litellm_version"]
    assert root.body == b"Docker Model Runner is running"
    assert (row["owned_by"], row["dmr"]["context_window"]) == ("docker", 8192)


async def test_searxng_tells_of_its_engines_and_refuses_json_where_that_is_off() -> None:
    async with SearXng(speaks_json=False) as server:
        config = (await ask(server.url, "GET /config")).json()
        search = await ask(server.url, "GET /search")
        page = await ask(server.url)

    assert config.keys() >= {"engines", "categories", "version", "instance_name"}
    assert search.status == 403
    assert f'content="searxng/{config["version"]}"'.encode() in page.body


@pytest.mark.parametrize("path", ["/healthz", "/v1/models"])
@pytest.mark.django_db
async def test_another_olympus_answers_a_stranger_as_this_one_does(path: str) -> None:
    async with Olympus() as server, httpx.AsyncClient(transport=httpx.ASGITransport(application)) as client:
        fake = await ask(server.url, f"GET {path}")
        real = await client.get(f"http://127.0.0.1{path}")

    assert (fake.status, fake.json()) == (real.status_code, real.json())
    assert fake.headers.get("www-authenticate") == real.headers.get("www-authenticate")
