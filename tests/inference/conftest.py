"""Model servers for the tests, and clients with little patience."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

import pytest

from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole, ModelClient, ModelEvent, TextDelta
from apps.inference.engine.ollama import OllamaClient
from apps.inference.engine.openai_compatible import OpenAICompatibleClient
from apps.inference.engine.wire import Server, Timeouts
from apps.inference.errors import ModelError
from olympus.kernel.http import close_sessions
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.model_server import ModelServer

S = TypeVar("S", bound=ModelServer)
IMPATIENT = Timeouts(connect_s=2.0, first_token_s=0.6, idle_s=0.4, answer_s=2.0)
PROMPT = "Who lives on the mountain? 🏛️"


@pytest.fixture
async def ollama() -> AsyncIterator[FakeOllama]:
    """A fake Ollama in the test's loop."""
    async with FakeOllama() as server:
        yield server
        await close_sessions()


@pytest.fixture
async def openai() -> AsyncIterator[FakeOpenAI]:
    """A fake OpenAI-compatible server in the test's loop."""
    async with FakeOpenAI() as server:
        yield server
        await close_sessions()


@pytest.fixture(params=["ollama", "openai"])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[tuple[ModelServer, ModelClient]]:
    """Each kind of server in turn, with its client."""
    server = FakeOllama() if request.param == "ollama" else FakeOpenAI()
    async with server:
        yield server, client_of(server)
        await close_sessions()


@pytest.fixture
def in_background() -> Iterator[Callable[[S], S]]:
    """Starts fake servers in a loop of their own, for code that is not async."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    started: list[ModelServer] = []

    def start(server: S) -> S:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(5)
        started.append(server)
        return server

    yield start
    for server in started:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def client_of(server: ModelServer, timeouts: Timeouts = IMPATIENT, key: str = "") -> ModelClient:
    """Make the client that fits a fake server."""
    if isinstance(server, FakeOpenAI):
        return OpenAICompatibleClient(Server(server.base_url, key, timeouts))
    return OllamaClient(Server(server.url, key, timeouts))


def asking(model: str, prompt: str = PROMPT) -> ChatRequest:
    """Make a request of one user message."""
    return ChatRequest(model, (ChatMessage(ChatRole.USER, prompt),))


def text_of(events: list[ModelEvent]) -> str:
    """Join the answer's text."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def play(client: ModelClient, request: ChatRequest) -> tuple[list[ModelEvent], ModelError | None]:
    """Take a stream to its end: what came, and the error that ended it."""
    events: list[ModelEvent] = []
    try:
        async for event in client.stream(request):
            events.append(event)  # noqa: PERF401 - what came before an error must be kept
    except ModelError as error:
        return events, error
    return events, None
