"""`/api/chat` and `/api/generate`: calls in Ollama's shape."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial

import msgspec
from django.utils import timezone

from apps.gateway.calls import choose, events_of, tokens_of
from apps.gateway.engine.affinity import affinity_of
from apps.gateway.engine.answers import Answer
from apps.gateway.engine.ollama_answer import ObjectWriter
from apps.gateway.engine.ollama_request import CHAT, GENERATE, Chat, Generating, request_of_chat, request_of_generate
from apps.gateway.errors import AnswerBroken, Fault
from apps.gateway.exchange import LINES, Exchange
from apps.gateway.reading import parse
from apps.gateway.routes import Routes
from apps.gateway.shape import Shape
from apps.inference.contracts import CallEvent, Capability, ChatMessage, ChatRequest, Finished, ModelChoice, Switched

_encode = msgspec.json.Encoder().encode


def _error(fault: Fault) -> bytes:
    return _encode({"error": fault.sentence, "code": fault.code})


OLLAMA = Shape(_error, lambda fault: _error(fault) + b"\n")


async def chat(exchange: Exchange) -> None:
    """This will answer POST /api/chat; without messages it only makes sure that the model is known."""
    asked = parse(CHAT, await exchange.body())
    choice = await choose(exchange, asked.model)
    if not asked.messages:
        await exchange.send_json(_writer(exchange, asked).without_asking(_what_for(asked)))
        return
    await _tell(exchange, asked, choice, request_of_chat(asked, model=choice.model, can_think=_can_think(choice)))


async def generate(exchange: Exchange) -> None:
    """This will answer POST /api/generate; without a prompt it only makes sure that the model is known."""
    asked = parse(GENERATE, await exchange.body())
    choice = await choose(exchange, asked.model)
    if not asked.prompt and not asked.images:
        await exchange.send_json(_writer(exchange, asked).without_asking(_what_for(asked)))
        return
    await _tell(exchange, asked, choice, request_of_generate(asked, model=choice.model, can_think=_can_think(choice)))


async def _tell(exchange: Exchange, asked: Generating, choice: ModelChoice, request: ChatRequest) -> None:
    writer = _writer(exchange, asked, request.messages)
    options = exchange.options(affinity=affinity_of(request.messages))
    async with aclosing(events_of(exchange, choice, request, options)) as events:
        if asked.stream is False:
            await _answer_whole(exchange, writer, events)
        else:
            await _stream(exchange, writer, events)


async def _answer_whole(exchange: Exchange, writer: ObjectWriter, events: AsyncIterator[CallEvent]) -> None:
    answer = Answer()
    async for event in events:
        writer.begin()
        answer.add(event)
    await exchange.send_json(writer.whole(answer))


async def _stream(exchange: Exchange, writer: ObjectWriter, events: AsyncIterator[CallEvent]) -> None:
    line = b""  # in the end, what the last event comes to
    async for event in events:
        if not exchange.has_started:
            await exchange.open_stream(LINES)
        if isinstance(event, Switched) and event.is_break:
            raise AnswerBroken  # what was sent cannot be taken back, and no other server goes on from there
        line = writer.line(event)
        if line and not isinstance(event, Finished):
            await exchange.write(line)
    # Only now: the call is over when it is settled, not when its last token came.
    await exchange.close_stream(line)


def _writer(exchange: Exchange, asked: Generating, prompt: Sequence[ChatMessage] = ()) -> ObjectWriter:
    return ObjectWriter(
        asked.model,
        is_chat=isinstance(asked, Chat),
        prompt_tokens=partial(tokens_of, prompt),
        started_at=timezone.now(),
        elapsed_ns=lambda: int((time.perf_counter() - exchange.started) * 1e9),
    )


def _what_for(asked: Generating) -> str:
    return "unload" if asked.keep_alive in {0, "0", "0s"} else "load"


def _can_think(choice: ModelChoice) -> bool:
    return Capability.THINKING in choice.capabilities


def register(routes: Routes) -> None:
    """This will open the addresses."""
    routes.add("POST", "/api/chat", chat, OLLAMA)
    routes.add("POST", "/api/generate", generate, OLLAMA)
