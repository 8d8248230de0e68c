"""`/v1/messages`: calls in Anthropic's shape."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial

from apps.gateway.calls import choose, events_of, tokens_of
from apps.gateway.engine.affinity import affinity_of
from apps.gateway.engine.anthropic_answer import MessageFold, MessageStream, error_body, error_event
from apps.gateway.engine.anthropic_request import ASKED, COUNTED, prompt_of, request_of, tools_of
from apps.gateway.errors import AnswerBroken, Fault
from apps.gateway.exchange import Exchange
from apps.gateway.reading import parse
from apps.gateway.routes import Routes
from apps.gateway.shape import Shape
from apps.inference import facade
from apps.inference.contracts import (
    CallEvent,
    Capability,
    ChatMessage,
    ChatRequest,
    Finished,
    Switched,
    ToolSpec,
)

# What a picture of a middling size is to the models that tell; others do not count pictures apart.
_IMAGE_TOKENS = 1_500
# The role and the marks around a message.
_MESSAGE_TOKENS = 4


def _body(fault: Fault) -> bytes:
    return error_body(status=fault.status, message=fault.sentence, code=fault.code)


def _event(fault: Fault) -> bytes:
    return error_event(status=fault.status, message=fault.sentence, code=fault.code)


ANTHROPIC = Shape(_body, _event)


async def create_message(exchange: Exchange) -> None:
    """This will answer POST /v1/messages, streamed or whole."""
    asked = parse(ASKED, await exchange.body())
    choice = await choose(exchange, asked.model)
    request = request_of(asked, model=choice.model, can_think=Capability.THINKING in choice.capabilities)
    options = exchange.options(affinity=affinity_of(request.messages))
    async with aclosing(events_of(exchange, choice, request, options)) as events:
        if asked.stream:
            await _stream(exchange, request, events)
        else:
            await _answer_whole(exchange, request, events)


async def _answer_whole(exchange: Exchange, request: ChatRequest, events: AsyncIterator[CallEvent]) -> None:
    fold = MessageFold()
    async for event in events:
        fold.add(event)
    await exchange.send_json(
        fold.message(
            message_id=_message_id(exchange),
            model=exchange.answered_by or request.model,
            input_tokens=partial(_count, request.messages, request.tools),
        )
    )


async def _stream(exchange: Exchange, request: ChatRequest, events: AsyncIterator[CallEvent]) -> None:
    stream: MessageStream | None = None
    data = b""  # in the end, what the last event comes to
    async for event in events:
        if stream is None:
            stream = MessageStream(
                message_id=_message_id(exchange),
                model=exchange.answered_by or request.model,
                input_tokens=_count(request.messages, request.tools),
            )
            await exchange.open_stream()
        if isinstance(event, Switched) and event.is_break:
            raise AnswerBroken  # what was sent cannot be taken back, and no other server goes on from there
        data = stream.add(event)
        if data and not isinstance(event, Finished):
            await exchange.write(data)
    # Only now: the call is over when it is settled, not when its last token came.
    await exchange.close_stream(data)


def _message_id(exchange: Exchange) -> str:
    return f"msg_{exchange.request_id}"


async def count_tokens(exchange: Exchange) -> None:
    """This will answer POST /v1/messages/count_tokens with an estimate; no model is asked."""
    asked = parse(COUNTED, await exchange.body())
    await choose(exchange, asked.model)
    await exchange.send_json({"input_tokens": _count(prompt_of(asked), tools_of(asked.tools or ()))})


def _count(messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> int:
    said = tokens_of(messages) + _MESSAGE_TOKENS * len(messages)
    called = sum(facade.count_tokens(str(call.arguments)) for message in messages for call in message.tool_calls)
    seen = sum(len(message.images) for message in messages) * _IMAGE_TOKENS
    offered = sum(facade.count_tokens(f"{tool.name}{tool.description}{tool.parameters}") for tool in tools)
    return said + called + seen + offered


def register(routes: Routes) -> None:
    """This will open the addresses."""
    routes.add("POST", "/v1/messages", create_message, ANTHROPIC)
    routes.add("POST", "/v1/messages/count_tokens", count_tokens, ANTHROPIC)
