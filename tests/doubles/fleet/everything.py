"""The whole fleet by name: what each server is, for a test or a benchmark that starts them all."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from apps.discovery.contracts import ServiceKind
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.fleet.hostile import ATTACKS, hostile
from tests.doubles.fleet.litellm import LiteLlm
from tests.doubles.fleet.llamacpp import LlamaCpp
from tests.doubles.fleet.lm_studio import LmStudio, OldLmStudio
from tests.doubles.fleet.localai import LocalAi
from tests.doubles.fleet.mcp import LegacyMcp, ModernMcp
from tests.doubles.fleet.model_runner import ModelRunner
from tests.doubles.fleet.ollama import Ollama
from tests.doubles.fleet.olympus import Olympus
from tests.doubles.fleet.searxng import SearXng
from tests.doubles.fleet.sglang import SgLang
from tests.doubles.fleet.tgi import Tgi
from tests.doubles.fleet.vllm import Vllm
from tests.doubles.fleet.web import JsonForAll, PageForAll, WebSite
from tests.doubles.http_server import HttpServer

# What each is, and how it is made. Postgres and Valkey are real and lie in `stores`.
PRODUCTS: dict[str, tuple[ServiceKind, Callable[[], HttpServer]]] = {
    "ollama": (ServiceKind.OLLAMA, Ollama),
    "llamacpp": (ServiceKind.LLAMACPP, LlamaCpp),
    "llamacpp_loading": (ServiceKind.LLAMACPP, lambda: LlamaCpp(is_loading=True)),
    "llamacpp_key": (ServiceKind.LLAMACPP, lambda: LlamaCpp(key="sk-right")),
    "vllm": (ServiceKind.VLLM, Vllm),
    "sglang": (ServiceKind.SGLANG, SgLang),
    "lm_studio": (ServiceKind.LM_STUDIO, LmStudio),
    "lm_studio_old": (ServiceKind.LM_STUDIO, OldLmStudio),
    "localai": (ServiceKind.LOCALAI, LocalAi),
    "localai_as_ollama": (ServiceKind.LOCALAI, lambda: LocalAi(as_ollama=True)),
    "tgi": (ServiceKind.TGI, Tgi),
    "litellm": (ServiceKind.LITELLM, LiteLlm),
    "litellm_key": (ServiceKind.LITELLM, lambda: LiteLlm(key="sk-right")),
    "model_runner": (ServiceKind.MODEL_RUNNER, ModelRunner),
    "openai": (ServiceKind.OPENAI, FakeOpenAI),
    "openai_key": (ServiceKind.OPENAI, lambda: FakeOpenAI(key="sk-right")),
    "olympus": (ServiceKind.OLYMPUS, Olympus),
    "mcp": (ServiceKind.MCP, ModernMcp),
    "mcp_legacy": (ServiceKind.MCP, LegacyMcp),
    "searxng": (ServiceKind.SEARXNG, SearXng),
    "searxng_html": (ServiceKind.SEARXNG, lambda: SearXng(speaks_json=False)),
}
NOTHING: dict[str, Callable[[], HttpServer]] = {
    "web": WebSite, "page_for_all": PageForAll, "json_for_all": JsonForAll,
}  # fmt: skip
HOSTILE = ("garbage", *ATTACKS)


@asynccontextmanager
async def running(
    servers: Mapping[str, HttpServer], host: str = "127.0.0.1", *, is_apart: bool = False
) -> AsyncIterator[Mapping[str, HttpServer]]:
    """This will start servers on free ports of one address, or each at its own (127.0.1.x), and stop them in the end."""
    async with AsyncExitStack() as stack:
        for number, server in enumerate(servers.values(), start=1):
            await server.start(0, f"127.0.1.{number}" if is_apart else host)
            stack.push_async_callback(server.stop)
        yield servers


def ordinary() -> dict[str, HttpServer]:
    """This will make one of each product, and of what is none."""
    return {name: make() for name, (_, make) in PRODUCTS.items()} | {name: make() for name, make in NOTHING.items()}


def attackers() -> dict[str, HttpServer]:
    """This will make one of each hostile server."""
    return {name: hostile(name) for name in HOSTILE}
