"""`/v1/responses`: answered and forgotten, no response is kept."""

import time
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from typing import Any

import msgspec

from apps.gateway.calls import choose, events_of, tokens_of
from apps.gateway.engine.affinity import affinity_of
from apps.gateway.engine.answers import Answer
from apps.gateway.engine.openai_responses_answer import EventWriter, finished, response_object, whole_output
from apps.gateway.engine.openai_responses_request import ResponsesBody, response_request
from apps.gateway.errors import AnswerBroken, Fault
from apps.gateway.exchange import Exchange
from apps.gateway.reading import parse
from apps.gateway.routes import Routes
from apps.gateway.shapes.openai import OPENAI
from apps.inference.contracts import CallOptions, Capability, ChatRequest, ModelChoice, Switched

_body = msgspec.json.Decoder(ResponsesBody)


async def respond(exchange: Exchange) -> None:
    """This will answer POST /v1/responses."""
    body = parse(_body, await exchange.body())
    choice = await choose(exchange, body.model)
    request = response_request(body, model=choice.model, may_think=Capability.THINKING in choice.capabilities)
    options = exchange.options(affinity=affinity_of(request.messages, body.prompt_cache_key))
    answering = _stream if body.stream else _answer_whole
    await answering(exchange, body, choice, request, options)


async def _answer_whole(
    exchange: Exchange, body: ResponsesBody, choice: ModelChoice, request: ChatRequest, options: CallOptions
) -> None:
    answer = Answer()
    async with aclosing(events_of(exchange, choice, request, options)) as events:
        async for event in events:
            answer.add(event)
    response = _begun(exchange, body, choice)
    output = whole_output(answer, response["id"])
    await exchange.send_json(finished(response, output, answer, answer.usage(partial(tokens_of, request.messages))))


async def _stream(
    exchange: Exchange, body: ResponsesBody, choice: ModelChoice, request: ChatRequest, options: CallOptions
) -> None:
    answer = Answer()
    writer: EventWriter | None = None
    async with aclosing(events_of(exchange, choice, request, options)) as events:
        async for event in events:
            answer.add(event)
            if writer is None:
                writer = EventWriter(_begun(exchange, body, choice))
                exchange.error_event = _failing(writer)
                await exchange.open_stream()
                await exchange.write(writer.begin() + writer.write(event))
                continue
            if isinstance(event, Switched) and event.is_break:
                raise AnswerBroken
            if written := writer.write(event):
                await exchange.write(written)
    assert writer is not None
    await exchange.close_stream(writer.finish(answer, answer.usage(partial(tokens_of, request.messages))))


def _begun(exchange: Exchange, body: ResponsesBody, choice: ModelChoice) -> dict[str, Any]:
    model = exchange.answered_by or choice.model
    return response_object(body, response_id=f"resp_{exchange.request_id}", created=int(time.time()), model=model)


def _failing(writer: EventWriter) -> Callable[[Fault], bytes]:
    def error_event(fault: Fault) -> bytes:
        return writer.fail(code=fault.code, message=fault.message, param=fault.param)

    return error_event


def register(routes: Routes) -> None:
    """This will open the address."""
    routes.add("POST", "/v1/responses", respond, OPENAI)
