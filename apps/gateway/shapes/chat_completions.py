"""`/v1/chat/completions`."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

import msgspec

from apps.gateway.calls import choose, events_of, tokens_of
from apps.gateway.engine.affinity import affinity_of
from apps.gateway.engine.answers import Answer, Used, usage_of
from apps.gateway.engine.openai_chat_answer import DONE, ChunkWriter, completion
from apps.gateway.engine.openai_chat_request import ChatBody, chat_request
from apps.gateway.errors import AnswerBroken
from apps.gateway.exchange import Exchange
from apps.gateway.merging import merged
from apps.gateway.reading import parse
from apps.gateway.routes import Routes
from apps.gateway.shapes.openai import OPENAI
from apps.inference.contracts import CallEvent, Capability, ChatRequest, Finished, ModelChoice, Switched, Usage

_body = msgspec.json.Decoder(ChatBody)


class _Completion:
    """One request: its calls, and what every chunk of its answer says."""

    def __init__(self, exchange: Exchange, body: ChatBody, choice: ModelChoice) -> None:
        self.exchange = exchange
        self.choice = choice
        self.includes_usage = body.includes_usage
        self.request = chat_request(body, model=choice.model, may_think=Capability.THINKING in choice.capabilities)
        self.count = body.n or 1
        self.answer_id = f"chatcmpl-{exchange.request_id}"
        self.created = int(time.time())
        self._options = exchange.options(affinity=affinity_of(self.request.messages, body.prompt_cache_key))
        if self.count > 1:  # an answer given before would be the same for all
            self._options = replace(self._options, may_cache=False, may_store=False)

    def events(self, index: int = 0) -> AsyncGenerator[CallEvent, None]:
        """This will make one of the calls."""
        return events_of(self.exchange, self.choice, self._request(index), self._options)

    def writer(self, index: int = 0) -> ChunkWriter:
        """This will make the writer of one choice's chunks, once it is known who answers."""
        return ChunkWriter(
            answer_id=self.answer_id,
            created=self.created,
            model=self.exchange.answered_by or self.choice.model,
            index=index,
            includes_usage=self.includes_usage,
        )

    def usage(self, used: Sequence[Used]) -> Usage:
        """This will tell what all calls used together."""
        return usage_of(used, partial(tokens_of, self.request.messages))

    def _request(self, index: int) -> ChatRequest:
        sampling = self.request.sampling
        if not index or sampling.seed is None:
            return self.request
        return replace(self.request, sampling=replace(sampling, seed=sampling.seed + index))


async def complete_chat(exchange: Exchange) -> None:
    """This will answer POST /v1/chat/completions."""
    body = parse(_body, await exchange.body())
    made = _Completion(exchange, body, await choose(exchange, body.model))
    if not body.stream:
        await _answer_whole(made)
    elif made.count == 1:
        await _stream_one(made)
    else:
        await _stream_many(made)


async def _answer_whole(made: _Completion) -> None:
    answers = [Answer() for _ in range(made.count)]
    if made.count == 1:
        async with aclosing(made.events()) as events:
            async for event in events:
                answers[0].add(event)
    else:
        async with aclosing(merged([made.events(index) for index in range(made.count)])) as pairs:
            async for index, event in pairs:
                answers[index].add(event)
    model = made.exchange.answered_by or made.choice.model
    body = completion(answers, made.usage(answers), answer_id=made.answer_id, created=made.created, model=model)
    await made.exchange.send_body(body)


async def _stream_one(made: _Completion) -> None:
    """One choice: what one event brings goes out at once, with no task between."""
    exchange, used = made.exchange, Used()
    writer: ChunkWriter | None = None
    async with aclosing(made.events()) as events:
        async for event in events:
            used.add(event)
            if writer is None:
                writer = made.writer()
                await exchange.open_stream()
                await exchange.write(writer.begin() + _chunk(writer, event))
            elif type(event) is not Finished:
                await exchange.write(_chunk(writer, event))
    # Only now: the call is over when it is settled, not when its last token came.
    assert writer is not None
    await exchange.close_stream(writer.finish(used.reason) + _usage(made, writer, [used]) + DONE)


async def _stream_many(made: _Completion) -> None:
    exchange, used = made.exchange, [Used() for _ in range(made.count)]
    writers: list[ChunkWriter] = []
    async with aclosing(merged([made.events(index) for index in range(made.count)])) as pairs:
        async for index, event in pairs:
            used[index].add(event)
            if not writers:
                writers = [made.writer(index) for index in range(made.count)]
                await exchange.open_stream()
                await exchange.write(b"".join(writer.begin() for writer in writers))
            await exchange.write(_chunk(writers[index], event))
    await exchange.close_stream(
        b"".join(writer.finish(each.reason) for writer, each in zip(writers, used, strict=True))
        + _usage(made, writers[0], used)
        + DONE
    )


def _chunk(writer: ChunkWriter, event: CallEvent) -> bytes:
    if isinstance(event, Switched) and event.is_break:
        raise AnswerBroken  # what was sent cannot be taken back, and no other server goes on from there
    return b"" if type(event) is Finished else writer.write(event)


def _usage(made: _Completion, writer: ChunkWriter, used: list[Used]) -> bytes:
    return writer.usage(made.usage(used)) if made.includes_usage else b""


def register(routes: Routes) -> None:
    """This will open the address."""
    routes.add("POST", "/v1/chat/completions", complete_chat, OPENAI)
