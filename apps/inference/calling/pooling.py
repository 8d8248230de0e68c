"""The call itself: which server answers, and who goes on when it fails."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from apps.inference.calling.call import Call
from apps.inference.calling.candidates import LookUp
from apps.inference.calling.course import Course
from apps.inference.contracts import CallEvent
from apps.inference.pool import Backend, backends_of, begin
from olympus.kernel.errors import OlympusError


async def pooled(call: Call, *, look_up: LookUp = backends_of) -> AsyncGenerator[CallEvent, None]:
    """This will choose which of the servers that have the model is asked first, and give the answer's events.

    With the first event they are asked, one after the other, until the answer is whole. Before the first word
    another takes over in silence; later one goes on with what there is. The events end with a
    ModelError if nobody could: the most helpful of what they said.
    """
    course = Course(call, asyncio.get_running_loop().time, look_up)
    return _asked(course, await course.next_backend())


async def _asked(course: Course, backend: Backend | None) -> AsyncGenerator[CallEvent, None]:
    while backend is not None:
        ticket, take = begin(backend), course.take
        error: OlympusError | None = None
        try:
            async with aclosing(backend.client.stream(course.request_for(backend))) as heard:  # type: ignore[type-var]  # every client's stream is a generator
                first = await course.first_of(heard)  # type: ignore[arg-type]
                ticket.first_token()
                for event in take(backend, first):
                    yield event
                async for said in heard:
                    for event in take(backend, said):
                        yield event
                return
        except OlympusError as failure:
            error = failure
            course.failed(backend, failure)
        finally:
            ticket.end(error)
        backend = await course.next_backend()
    raise course.verdict()
