"""Several calls at once as one stream of events."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from apps.inference.contracts import CallEvent

Calling = AsyncGenerator[CallEvent, None]
# A program that does not read holds the model servers up after this many events, as with one call.
_WAITING = 16


async def merged(callings: Sequence[Calling]) -> AsyncGenerator[tuple[int, CallEvent], None]:
    """This will yield the events of all calls as they come, each with its call's place; one that fails ends all."""
    queue: asyncio.Queue[tuple[int, CallEvent | Exception | None]] = asyncio.Queue(_WAITING)
    tasks = [asyncio.create_task(_pump(place, calling, queue)) for place, calling in enumerate(callings)]
    left = len(tasks)
    try:
        while left:
            place, event = await queue.get()
            if event is None:
                left -= 1
            elif isinstance(event, Exception):
                raise event
            else:
                yield place, event
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(place: int, calling: Calling, queue: "asyncio.Queue[tuple[int, CallEvent | Exception | None]]") -> None:
    try:
        async with aclosing(calling) as events:
            async for event in events:
                await queue.put((place, event))
        await queue.put((place, None))
    except Exception as error:  # noqa: BLE001 - raised again where the events are read
        await queue.put((place, error))
