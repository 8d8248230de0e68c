"""Requests to Ollama say how long the model is to stay."""

from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole
from apps.inference.engine.ollama import OllamaClient
from apps.inference.engine.wire import Server
from olympus.kernel.http import close_sessions
from tests.doubles.remembering_ollama import RememberingOllama
from tests.inference.memory_support import MODEL, server


async def test_a_request_carries_what_was_decided_unless_its_sender_wants_something_else() -> None:
    async with server() as ollama:
        client = OllamaClient(Server(ollama.url), keep_alive_s=42.4)
        asked = ChatRequest(MODEL, (ChatMessage(ChatRole.USER, "Hello"),))

        await _whole(client, asked)
        await client.embed("fake-embed:latest", ["Hello"])
        await _whole(client, ChatRequest(MODEL, asked.messages, keep_alive="3600"))
        await _whole(OllamaClient(Server(ollama.url)), asked)
        await close_sessions()

    assert [request.body.get("keep_alive") for request in ollama.log.requests] == [42, 42, "3600", None]


async def _whole(client: OllamaClient, request: ChatRequest) -> None:
    async for _ in client.stream(request):
        pass


async def test_a_model_that_is_away_is_waited_for_and_counted() -> None:
    async with server() as ollama:
        client = OllamaClient(Server(ollama.url), keep_alive_s=100)
        asked = ChatRequest(MODEL, (ChatMessage(ChatRole.USER, "Hello"),))

        await _whole(client, asked)
        await _whole(client, asked)
        await close_sessions()

    assert isinstance(ollama, RememberingOllama)
    assert ollama.memory.cold_starts == 1
