"""The gateway as programs meet it: the whole ASGI application on a port, before a fake model server."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
import pytest
import uvicorn
from asgiref.sync import sync_to_async
from django.db import connections

from apps.accounts.models import ApiKey
from apps.accounts.services.keys import create_api_key
from apps.agents.following import close_hub
from apps.inference.models import Provider
from olympus.asgi import application
from olympus.kernel.actor import Scope
from olympus.kernel.http import close_sessions
from tests.doubles.fake_openai import FakeOpenAI
from tests.support.cast import Someone

CAPABILITIES = {
    "fake": ["chat", "tools", "vision", "structured_output"],
    "gpt-4o-mini": ["chat", "tools", "vision", "structured_output"],
    "text-embedding-3-small": ["embeddings"],
}


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def events(self) -> list[Any]:
        """The data of an event stream, `[DONE]` as it is."""
        lines = [line[6:] for line in self.body.decode().split("\n") if line.startswith("data: ")]
        return [line if line == "[DONE]" else json.loads(line) for line in lines]


@dataclass(frozen=True)
class Program:
    """A program with a key, that speaks to the gateway by plain HTTP."""

    session: aiohttp.ClientSession
    url: str
    key: str

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Ask and read the whole answer; `headers` in Python's spelling."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key:
            named.setdefault("authorization", f"Bearer {self.key}")
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        data = None if raw is None else BytesIO(raw)
        async with self.session.request(method, self.url + path, data=data, headers=named) as answer:
            heard = {name.lower(): value for name, value in answer.headers.items()}
            assert len(heard) == len(answer.headers), f"a header is there twice: {answer.headers}"
            return Answer(answer.status, heard, await answer.read())

    async def chat(self, prompt: str = "Hello", *, model: str = "fake", **members: Any) -> Answer:
        """Ask for a chat completion."""
        messages = members.pop("messages", [{"role": "user", "content": prompt}])
        return await self("POST", "/v1/chat/completions", {"model": model, "messages": messages, **members})


@pytest.fixture
async def upstream() -> AsyncIterator[FakeOpenAI]:
    """A fake OpenAI-compatible server in the test's loop."""
    async with FakeOpenAI() as server:
        yield server
        await close_sessions()


@pytest.fixture
async def gateway_url() -> AsyncIterator[str]:
    """The address of the whole application, served in the test's loop."""
    config = uvicorn.Config(
        application, host="127.0.0.1", port=0, http="httptools", ws="none", lifespan="off", log_level="error"
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await server.shutdown()
    await close_hub()
    await sync_to_async(connections.close_all)()


@pytest.fixture
async def provider(owner: Someone, upstream: FakeOpenAI) -> Provider:
    """The fake server as the organization's provider."""
    return await sync_to_async(connect)(owner, upstream.base_url)


def connect(who: Someone, base_url: str, *, name: str = "Fake", kind: str = "openai") -> Provider:
    """Enter a model server with the fake's models."""
    catalog = [
        {"name": model, "capabilities": capabilities, "context_length": 8192}
        for model, capabilities in CAPABILITIES.items()
    ]
    return Provider.objects.create(
        organization_id=who.actor.organization_id, name=name, kind=kind, base_url=base_url, catalog=catalog
    )


MakeProgram = Callable[..., Awaitable[Program]]


@pytest.fixture
async def program_of(gateway_url: str) -> AsyncIterator[MakeProgram]:
    """Makes programs: `await program_of(someone, Scope.WRITE, allowed_models=[…])`, without anybody one without a key."""
    async with aiohttp.ClientSession() as session:

        async def make(who: Someone | None, *scopes: Scope, allowed_models: tuple[str, ...] = ()) -> Program:
            key = await sync_to_async(_key)(who, scopes or (Scope.WRITE,), allowed_models) if who else ""
            return Program(session, gateway_url, key)

        yield make
        await asyncio.sleep(0)


def _key(who: Someone, scopes: tuple[Scope, ...], allowed_models: tuple[str, ...]) -> str:
    made, secret = create_api_key(actor=who.actor, name="a program", scopes=scopes)
    ApiKey.objects.filter(pk=made.pk).update(allowed_models=list(allowed_models))
    return secret


@pytest.fixture
async def program(member: Someone, provider: Provider, program_of: MakeProgram) -> Program:
    """A member's program, with the fake server connected."""
    return await program_of(member, Scope.WRITE)
