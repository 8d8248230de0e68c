"""Calls through the cache in front of a model that counts how often it is asked."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from apps.inference.caching.flights import Paying
from apps.inference.calling.caching import cached
from apps.inference.calling.call import Call, Plan, Producer
from apps.inference.contracts import (
    Caller,
    CallEvent,
    CallOptions,
    ChatMessage,
    ChatRequest,
    ChatRole,
    Finished,
    FinishReason,
    ModelChoice,
    ProviderKind,
    Routed,
    TextDelta,
    ThinkingDelta,
    Usage,
)

PROVIDER = uuid4()
CHOICE = ModelChoice("marble", "marble", PROVIDER, "Quarry", ProviderKind.OLLAMA, frozenset(), 8192)


@dataclass
class CountingModel:
    """Answers each call with `texts` after `pause_s`, and counts who asked and who hung up."""

    texts: Sequence[str] = ("The ", "mountain.")
    pause_s: float = 0.0
    error: Exception | None = None
    model: str = "marble"
    extra_events: Sequence[CallEvent] = ()
    asked: list[ChatRequest] = field(default_factory=list)
    left_count: int = 0

    async def __call__(self, call: Call) -> AsyncGenerator[CallEvent, None]:
        """Answer one call."""
        self.asked.append(call.request)
        is_over = False
        try:
            yield Routed(model=self.model, provider_id=PROVIDER, provider_name="Quarry", reasons=call.plan.reasons)
            yield ThinkingDelta("Hm.", 1)
            for text in self.texts:
                await asyncio.sleep(self.pause_s)
                yield TextDelta(text, 1)
            for event in self.extra_events:
                yield event
            if self.error is not None:
                raise self.error
            is_over = True
            yield Finished(FinishReason.STOP, Usage(11, 4, 2))
        finally:
            self.left_count += not is_over


def ready(model: Callable[[Call], AsyncGenerator[CallEvent, None]]) -> Producer:
    """Make a model one that needs not be chosen."""

    async def produce(call: Call) -> AsyncGenerator[CallEvent, None]:
        return model(call)

    return produce


def a_call(who: Any, prompt: str = "Who lives there?", **changes: Any) -> Call:
    """Make a call of somebody's; `changes` go to the caller, the options or the request."""
    caller = Caller(
        organization_id=changes.pop("organization_id", who.actor.organization_id),
        user_id=changes.pop("user_id", who.actor.user_id),
        door=changes.pop("door", "chat"),
    )
    options = CallOptions(may_cache=changes.pop("may_cache", True), may_store=changes.pop("may_store", True))
    choice = changes.pop("choice", CHOICE)
    plan = changes.pop("plan", Plan((choice.model,), reasons=("It was asked for.",)))
    messages = changes.pop("messages", (ChatMessage(ChatRole.USER, prompt),))
    return Call(caller, choice, ChatRequest(choice.model, messages, **changes), options, plan)


async def ask(call: Call, model: CountingModel) -> list[CallEvent]:
    """Take a call to its end."""
    return [event async for event in cached(call, produce=ready(model))]


def text_of(events: Sequence[CallEvent]) -> str:
    """Join the answer's text."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def cache_of(events: Sequence[CallEvent]) -> str:
    """Tell how the answer was found."""
    [routed] = [event for event in events if isinstance(event, Routed)]
    assert next(event for event in events if not isinstance(event, Paying)) is routed
    return routed.cache


def organization_of(who: Any) -> UUID:
    """Tell whose cache it is."""
    return UUID(str(who.actor.organization_id))
