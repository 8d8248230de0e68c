"""The call itself: which server answers, and who goes on when it fails."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from apps.inference.calling.call import Call
from apps.inference.clients import client_of_choice
from apps.inference.contracts import CallEvent, Routed
from olympus.kernel.db import in_thread


async def pooled(call: Call) -> AsyncGenerator[CallEvent, None]:
    """This will ask the servers that have the model, one after the other, until one answers."""
    choice = call.choice
    client = await in_thread(client_of_choice, choice.provider_id, choice.context_length)
    yield Routed(
        model=choice.model,
        provider_id=choice.provider_id,
        provider_name=choice.provider_name,
        reasons=call.plan.reasons,
    )
    async with aclosing(client.stream(call.request)) as events:  # type: ignore[type-var]  # every client's stream is a generator
        async for event in events:
            yield event
