"""Models and embeddings in Ollama's shape; what would change a model is refused."""

import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from apps.gateway.calls import choose
from apps.gateway.engine.ollama_models import running, shown, tag_of
from apps.gateway.engine.ollama_request import EMBED, OLD_EMBED, SHOW
from apps.gateway.engine.openai_embeddings import shortened
from apps.gateway.exchange import Exchange
from apps.gateway.reading import parse
from apps.gateway.routes import Routes
from apps.gateway.shapes.models import models_of
from apps.gateway.shapes.ollama import OLLAMA
from apps.inference import facade
from apps.inference.contracts import ModelInfo
from olympus.kernel.actor import Scope
from olympus.kernel.errors import Denied
from olympus.kernel.fresh import Fresh

# The Ollama whose protocol this speaks; programs look for what an older one cannot do.
_VERSION = "0.12.3"
# Ollama's own default: how long a model stays in memory after its last use.
_KEPT_MINUTES = 5
# Servers do not tell when a model came to them: since this process began they were the same.
_BEGUN_AT = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"


class ModelsKeptElsewhere(Denied):
    """Olympus manages models elsewhere: pull, create and remove them on the model servers themselves."""

    code = "models_kept_elsewhere"


_infos: Fresh[UUID, dict[str, ModelInfo]] = Fresh(facade.model_infos)


async def tags(exchange: Exchange) -> None:
    """This will answer GET /api/tags."""
    infos = await _infos.get(exchange.identity.actor.organization_id)
    models = (await models_of(exchange)).items()
    listed = [tag_of(name, choice, infos.get(choice.model), modified_at=_BEGUN_AT) for name, choice in models]
    await exchange.send_json({"models": listed})


async def processes(exchange: Exchange) -> None:
    """This will answer GET /api/ps: the models some server has in memory."""
    infos = await _infos.get(exchange.identity.actor.organization_id)
    until = f"{timezone.now() + timedelta(minutes=_KEPT_MINUTES):%Y-%m-%dT%H:%M:%SZ}"
    models = (await models_of(exchange)).items()
    loaded = [(n, c, infos[c.model]) for n, c in models if c.model in infos and infos[c.model].is_loaded]
    listed = [running(*each, modified_at=_BEGUN_AT, expires_at=until) for each in loaded]
    await exchange.send_json({"models": listed})


async def show(exchange: Exchange) -> None:
    """This will answer POST /api/show."""
    asked = parse(SHOW, await exchange.body())
    choice = await choose(exchange, asked.model or asked.name)
    await exchange.send_json(shown(choice, modified_at=_BEGUN_AT))


async def version(exchange: Exchange) -> None:
    """This will answer GET /api/version."""
    await exchange.send_json({"version": _VERSION})


async def embed(exchange: Exchange) -> None:
    """This will answer POST /api/embed."""
    asked = parse(EMBED, await exchange.body())
    texts = [asked.input] if isinstance(asked.input, str) else asked.input or []
    choice = await choose(exchange, asked.model)
    vectors: list[Sequence[float]] = []
    tokens = 0
    if any(texts):
        embedded = await facade.embed_call(await exchange.caller(), texts, choice)
        vectors = [shortened(vector, asked.dimensions) for vector in embedded.vectors]
        tokens = embedded.prompt_tokens
    took_ns = int((time.perf_counter() - exchange.started) * 1e9)
    await exchange.send_json(
        {
            "model": asked.model,
            "embeddings": vectors,
            "total_duration": took_ns,
            "load_duration": 0,
            "prompt_eval_count": tokens,
        }
    )


async def embed_one(exchange: Exchange) -> None:
    """This will answer POST /api/embeddings, the form before /api/embed."""
    asked = parse(OLD_EMBED, await exchange.body())
    choice = await choose(exchange, asked.model)
    vector: list[float] = []
    if asked.prompt:
        embedded = await facade.embed_call(await exchange.caller(), [asked.prompt], choice)
        vector = list(embedded.vectors[0])
    await exchange.send_json({"embedding": vector})


async def refuse(exchange: Exchange) -> None:
    """This will say that models are managed elsewhere."""
    await exchange.body()
    raise ModelsKeptElsewhere


def register(routes: Routes) -> None:
    """This will open the addresses."""
    for method in ("GET", "HEAD"):
        routes.add(method, "/api/tags", tags, OLLAMA, Scope.READ)
        # Programs look here whether there is an Ollama at all, some before they have a key to send.
        routes.add(method, "/api/version", version, OLLAMA, None)
    routes.add("GET", "/api/ps", processes, OLLAMA, Scope.READ)
    routes.add("POST", "/api/show", show, OLLAMA, Scope.READ)
    routes.add("POST", "/api/embed", embed, OLLAMA)
    routes.add("POST", "/api/embeddings", embed_one, OLLAMA)
    for name in ("pull", "push", "create", "copy"):
        routes.add("POST", f"/api/{name}", refuse, OLLAMA)
    routes.add("DELETE", "/api/delete", refuse, OLLAMA)
