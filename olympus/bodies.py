"""How much a request may carry, settled before anything is read: Django keeps a whole body on disk first."""

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
_HEADERS = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"connection", b"close"),
    (b"x-content-type-options", b"nosniff"),
]


def limit_bodies(app: Any, *, limit_bytes: int = MAX_BODY_BYTES, larger: Larger | None = None) -> App:
    """This will answer a request whose body is larger with 413, without keeping the body.

    `larger` is asked about a request that declares more: how much this one may carry.
    """

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        limit = limit_bytes
        if larger is not None and _declared(scope) > limit_bytes:
            limit = max(limit_bytes, await larger(scope))
        left = limit

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            # To the application the client is gone: it closes what it kept of the body.
            return {"type": "http.disconnect"} if left < 0 else message

        if _declared(scope) <= limit:
            await app(scope, counted, send)
            if left >= 0:
                return
        await send({"type": "http.response.start", "status": 413, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": b"This is larger than Olympus takes."})

    return limited


def _declared(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() else 0
