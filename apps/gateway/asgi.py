"""The ASGI application of the programs' door: no Django view between a model server and a program."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from apps.gateway.errors import KeyMissing, KeyRefused, MethodRefused, ScopeMissing, UnknownRoute, fault_of
from apps.gateway.exchange import Exchange, Send
from apps.gateway.identity import identify
from apps.gateway.limits import count_request, has_plenty
from apps.gateway.reading import ClientLeft, Receive
from apps.gateway.routes import Route, Routes
from apps.gateway.shapes import (
    anthropic,
    audio,
    chat_completions,
    embeddings,
    images,
    models,
    ollama,
    ollama_models,
    responses,
)
from apps.gateway.shapes.openai import OPENAI
from olympus.kernel.actor import Scope
from olympus.kernel.db import is_away
from olympus.kernel.errors import DatabaseUnavailable, OlympusError

App = Callable[[Any, Any, Any], Awaitable[None]]

_log = logging.getLogger(__name__)

ROUTES = Routes()
for _shape in (anthropic, audio, chat_completions, embeddings, images, models, ollama, ollama_models, responses):
    _shape.register(ROUTES)

_OURS = "/v1/"
# Ollama's own addresses; what else is below /api/ is Olympus's.
_OLLAMA = frozenset(path for _, path in ROUTES.paths() if path.startswith("/api/"))


def with_gateway(inner: App) -> App:
    """This will answer the programs' addresses, and hand on all others to `inner`."""

    async def either(scope: Any, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith(_OURS) or path in _OLLAMA:
            await gateway(scope, receive, send)
        else:
            await inner(scope, receive, send)

    return either


async def gateway(scope: Any, receive: Receive, send: Send) -> None:
    """This will answer one request of a program."""
    methods, tail = ROUTES.at(scope["path"])
    route = methods.get(scope["method"])
    shape = route.shape if route else next((each.shape for each in methods.values()), OPENAI)
    exchange = Exchange(scope, receive, send, shape, tail)
    try:
        await _answer(exchange, route, methods)
    except OlympusError as error:
        await exchange.fail(fault_of(error))
    except ClientLeft:
        return
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if not exchange.is_abandoned or task is None or task.uncancel():
            raise
    except Exception as error:  # noqa: BLE001 - the door's translator: a program is told, the operator reads the log
        if is_away(error):
            _log.warning("%s %s: the database does not answer", scope["method"], scope["path"])
            error = DatabaseUnavailable()
        else:
            _log.exception("%s %s broke", scope["method"], scope["path"])
        await exchange.fail(fault_of(error))
    finally:
        exchange.release()


async def _answer(exchange: Exchange, route: Route | None, methods: dict[str, Route]) -> None:
    if route is None and not methods:
        raise UnknownRoute
    if route is None:
        exchange.response_headers.append((b"allow", ", ".join(sorted(methods)).encode()))
        raise MethodRefused
    if route.scope is None:
        await count_request(exchange, None)
    else:
        await _let_in(exchange, route.scope)
    await route.handler(exchange)


async def _let_in(exchange: Exchange, scope: Scope) -> None:
    try:
        exchange.identity = await identify(exchange.headers)
    except (KeyMissing, KeyRefused):
        await count_request(exchange, None)  # who guesses keys is counted by address
        raise
    actor = exchange.identity.actor
    exchange.count(count_request(exchange, actor), is_likely=has_plenty(actor))
    if not (actor.may_read if scope is Scope.READ else actor.may_write):
        raise ScopeMissing
