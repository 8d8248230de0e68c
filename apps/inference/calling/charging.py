"""What a call may cost, held before it, and what it did cost, settled after it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from apps.inference.calling.call import Call, Producer
from apps.inference.contracts import CallEvent


async def charged(call: Call, produce: Producer) -> AsyncGenerator[CallEvent, None]:
    """This will hold back what the call may use, hand on its events, and settle what it used."""
    async with aclosing(produce(call)) as events:
        async for event in events:
            yield event
