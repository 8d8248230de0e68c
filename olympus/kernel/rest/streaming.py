"""Server-sent events: an endless answer that holds no database connection and says so when it is idle."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from django.db import connections
from django.http import StreamingHttpResponse
from rest_framework.renderers import JSONRenderer

EVENT_STREAM = "text/event-stream"
# Proxies cut what is silent for half a minute and more.
_HEARTBEAT_S = 15.0
_HEARTBEAT = b": still here\n\n"


class EventStreamRenderer(JSONRenderer):
    """Lets a client ask for an event stream; an error is JSON all the same."""

    media_type = EVENT_STREAM
    format = "events"


def event(name: str, data: str, number: int) -> bytes:
    """This will write one event; `data` is JSON, in which a line break cannot occur.

    Source: html.spec.whatwg.org/multipage/server-sent-events.html, "Parsing an event stream".
    """
    return f"id: {number}\nevent: {name}\ndata: {data}\n\n".encode()


def event_response(events: AsyncGenerator[bytes, None], *, heartbeat_s: float = _HEARTBEAT_S) -> StreamingHttpResponse:
    """This will answer with events as they come; the generator is closed when the client goes away."""
    _give_back_connections()
    response = StreamingHttpResponse(_with_heartbeat(events, heartbeat_s), content_type=EVENT_STREAM)
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


async def _with_heartbeat(events: AsyncGenerator[bytes, None], heartbeat_s: float) -> AsyncGenerator[bytes, None]:
    yield _HEARTBEAT  # the headers leave now, not with the first event
    async with aclosing(events):
        following: asyncio.Task[bytes] | None = None
        try:
            while True:
                following = following or asyncio.ensure_future(anext(events))
                done, _waiting = await asyncio.wait({following}, timeout=heartbeat_s)
                if not done:
                    yield _HEARTBEAT
                    continue
                try:
                    found = following.result()
                except StopAsyncIteration:
                    return
                following = None
                yield found
        finally:
            if following is not None:
                following.cancel()
                await asyncio.wait({following})
                if not following.cancelled():
                    following.exception()  # it came to its end as the client left; nobody is there to be told


def _give_back_connections() -> None:
    """Django would keep the request's connection until the last event, and the pool has a dozen."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
