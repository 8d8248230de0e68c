"""One turn: the events of a model call become a transcript and an ending."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from apps.agents.contracts import RunState, SwitchCause
from apps.agents.engine.route import answered_by
from apps.agents.engine.transcript import Transcript
from apps.inference.contracts import (
    CallEvent,
    Finished,
    ModelEvent,
    Routed,
    Switched,
    TextDelta,
    ThinkingDelta,
    ToolCallRequested,
)
from olympus.kernel.text import clean_data

# What the columns hold. A server that counts wildly must not keep its answer from being stored.
_MOST_TOKENS = 2**31 - 1
_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a model's answer ended; `prompt_tokens` and `completion_tokens` as the server counted."""

    reason: str
    prompt_tokens: int | None
    completion_tokens: int | None


async def run_turn(
    events: AsyncGenerator[CallEvent, None],
    transcript: Transcript,
    *,
    on_news: Callable[[ModelEvent], Awaitable[None]],
    label: Callable[[str], str] = str,
) -> Ending:
    """This will read one answer into the transcript and await `on_news` after each event of the model's.

    What comes while `on_news` waits is read in one piece after it. A transcript that holds something already is
    gone on with. `label` names a model for people. Cancelling the task closes the connection to the model server.

    Raises:
        ModelError: the call failed; the transcript holds what came before.
    """
    kept_tokens = transcript.token_count
    is_taken_up = transcript.has_output
    must_part = bool(transcript.thinking)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Finished):
                return _ending(event, kept_tokens)
            if isinstance(event, Routed):
                _take_route(transcript, event, label(event.model), is_taken_up=is_taken_up)
            elif isinstance(event, Switched):
                _take_switch(transcript, event, label(event.model), SwitchCause.SERVER)
            else:
                if must_part and isinstance(event, ThinkingDelta):
                    must_part = False
                    transcript.add_text("thinking", _BREAK)
                _append(transcript, event)
                await on_news(event)
    raise AssertionError("a model stream ended without Finished")


def _ending(event: Finished, kept_tokens: int) -> Ending:
    usage = event.usage
    return Ending(
        event.reason.value,
        _counted(usage.prompt_tokens) if usage else None,
        _counted(usage.completion_tokens + kept_tokens) if usage else None,
    )


def _counted(tokens: int) -> int:
    return min(max(tokens, 0), _MOST_TOKENS)


def _take_route(transcript: Transcript, event: Routed, model: str, *, is_taken_up: bool) -> None:
    if is_taken_up:
        _take_switch(transcript, event, model, SwitchCause.WORKER)
        return
    transcript.add_event(
        "state",
        clean_data(
            {
                **transcript.told_state,
                "state": RunState.STREAMING.value,
                "model": model,
                "provider": event.provider_name,
                "reasons": list(event.reasons),
                "tier": event.tier.value if event.tier else "",
                "cache": event.cache,
            }
        ),
    )


def _take_switch(transcript: Transcript, event: Routed | Switched, model: str, cause: SwitchCause) -> None:
    _, failed = answered_by(transcript)
    is_break = isinstance(event, Switched) and event.is_break
    switch = {"from": failed, "to": event.provider_name, "model": model, "at": transcript.length, "is_break": is_break}
    transcript.add_event("switch", clean_data({**switch, "cause": cause.value}))


def _append(transcript: Transcript, event: ModelEvent) -> None:
    match event:
        case TextDelta(text, token_count):
            transcript.add_text("token", text, token_count=token_count)
        case ThinkingDelta(text, token_count):
            transcript.add_text("thinking", text, token_count=token_count)
        case ToolCallRequested(call):
            # What Postgres or JSON refuses would keep all of the worker's runs from being stored.
            data = {"id": call.id, "name": call.name, "arguments": call.arguments}
            transcript.add_event("tool_request", clean_data(data))
