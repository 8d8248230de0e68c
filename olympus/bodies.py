"""How much a request may carry and how slowly, settled before anything is read: Django keeps a whole body on disk first."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Larger = Callable[[Scope], Awaitable[int]]

# An attachment of 20 MB and the form around it.
MAX_BODY_BYTES = 24 * 1024 * 1024
# A line that brings nothing for this long brings nothing more.
_SILENCE_S = 60.0
_HEADERS = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"connection", b"close"),
    (b"x-content-type-options", b"nosniff"),
]


def limit_bodies(
    app: Any, *, limit_bytes: int = MAX_BODY_BYTES, larger: Larger | None = None, silence_s: float = _SILENCE_S
) -> App:
    """This will answer a request whose body is larger with 413, and one that stops coming with 408, keeping neither.

    `larger` is asked about a request that declares more: how much this one may carry.
    """

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        limit = limit_bytes
        if larger is not None and _declared(scope) > limit_bytes:
            limit = max(limit_bytes, await larger(scope))
        left = limit
        is_whole = is_late = False

        async def counted() -> Message:
            nonlocal left, is_whole, is_late
            try:
                # Behind the body comes nothing but the end of the connection, however long that takes.
                async with asyncio.timeout(None if is_whole else silence_s):
                    message = await receive()
            except TimeoutError:
                is_late = True
                return {"type": "http.disconnect"}
            is_whole = not message.get("more_body")
            left -= len(message.get("body", b""))
            # To the application the client is gone: it closes what it kept of the body.
            return {"type": "http.disconnect"} if left < 0 else message

        if _declared(scope) <= limit:
            await app(scope, counted, send)
            if is_late:
                await _refuse(send, 408, b"The request did not arrive in time.")
            if is_late or left >= 0:
                return
        await _refuse(send, 413, b"This is larger than Olympus takes.")

    return limited


async def _refuse(send: Send, status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": body})


def _declared(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() else 0
