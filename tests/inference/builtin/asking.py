"""Asks a built-in engine a question and gives its whole answer."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole, Image, ModelEvent, TextDelta
from apps.inference.engine.builtin import MODEL_NAME, BuiltinClient

DOCS = Path(__file__).resolve().parents[3] / "docs"
NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


def client(docs_dir: Path = DOCS, *, is_another_model_connected: bool = False) -> BuiltinClient:
    """This will make an engine whose clock stands still."""
    return BuiltinClient(docs_dir, lambda: NOW, is_another_model_connected=is_another_model_connected)


def request(text: str, *, images: tuple[Image, ...] = ()) -> ChatRequest:
    """This will make a request with one question."""
    return ChatRequest(MODEL_NAME, (ChatMessage(ChatRole.USER, text, images),))


async def events(stream: AsyncIterator[ModelEvent]) -> list[ModelEvent]:
    """This will collect a stream."""
    return [event async for event in stream]


async def answer(text: str, *, images: tuple[Image, ...] = (), engine: BuiltinClient | None = None) -> str:
    """This will ask a question and join the answer's pieces."""
    came = await events((engine or client()).stream(request(text, images=images)))
    return "".join(event.text for event in came if isinstance(event, TextDelta))
