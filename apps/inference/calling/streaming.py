"""The whole course of a call."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from apps.inference.calling.caching import cached
from apps.inference.calling.call import Call
from apps.inference.calling.charging import charged
from apps.inference.calling.checking import check_request
from apps.inference.calling.pooling import pooled
from apps.inference.calling.resolving import plan_call
from apps.inference.contracts import Caller, CallEvent, CallOptions, ChatRequest, ModelChoice


async def stream_call(
    caller: Caller, choice: ModelChoice, request: ChatRequest, options: CallOptions
) -> AsyncGenerator[CallEvent, None]:
    """This will stream an answer: Routed first, Finished last; closing it closes the connection to the server.

    Raises:
        Invalid: the model is known not to do what is asked.
        LimitReached: a budget does not allow the call; nothing was asked.
        ModelError: after the events that came before.
    """
    check_request(choice, request)
    plan = await plan_call(caller, choice, request)
    call = Call(caller, choice, request, options, plan)
    async with aclosing(charged(call, partial(cached, produce=pooled))) as events:
        async for event in events:
            yield event
