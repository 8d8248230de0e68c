"""One turn: a model's stream of events becomes a transcript and an ending."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from apps.agents.engine.transcript import Transcript
from apps.inference.contracts import (
    ChatRequest,
    Finished,
    ModelClient,
    ModelEvent,
    TextDelta,
    ThinkingDelta,
    ToolCallRequested,
)
from olympus.kernel.text import clean_data

# What the columns hold. A server that counts wildly must not keep its answer from being stored.
_MOST_TOKENS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Ending:
    """How a model's answer ended; `prompt_tokens` and `completion_tokens` as the server counted."""

    reason: str
    prompt_tokens: int | None
    completion_tokens: int | None


async def run_turn(
    client: ModelClient,
    request: ChatRequest,
    transcript: Transcript,
    *,
    on_news: Callable[[ModelEvent], Awaitable[None]],
) -> Ending:
    """This will stream one answer into the transcript and await `on_news` after each event.

    What comes while `on_news` waits is read in one piece after it. Cancelling the task closes the connection to the model server.

    Raises:
        ModelError: the stream failed; the transcript holds what came before.
    """
    async with aclosing(client.stream(request)) as events:  # type: ignore[type-var]
        async for event in events:
            if isinstance(event, Finished):
                usage = event.usage
                return Ending(
                    event.reason.value,
                    _counted(usage.prompt_tokens) if usage else None,
                    _counted(usage.completion_tokens) if usage else None,
                )
            _append(transcript, event)
            await on_news(event)
    raise AssertionError("a model stream ended without Finished")


def _counted(tokens: int) -> int:
    return min(max(tokens, 0), _MOST_TOKENS)


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
