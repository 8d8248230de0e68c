"""What is noted of every request, at the very door: its ids, its trace, how long it took and how it ended."""

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from olympus.kernel import tracing
from olympus.kernel.metrics import note_request

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# By the beginning of the path; what fits none is a page. Health checks and files are not worth a line.
_DOORS = (
    ("/api/v1/", "rest"),
    ("/v1/", "gateway"),
    ("/api/", "gateway"),
    ("/static/", ""),
    ("/healthz", ""),
    ("/readyz", ""),
    ("/metrics", ""),
)
_REQUEST_ID = b"x-request-id"
_PAGE = "page"
_BROKEN = 500
# Longer names of methods are no methods.
_LONGEST_METHOD = 10


def observed(app: Any) -> Any:
    """This will wrap the whole application; the answer says its request's id as X-Request-ID."""

    async def observe(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        request_id = tracing.begin_request(_header(scope, b"traceparent"))
        door = _door_of(scope["path"])
        if not door:
            await app(scope, receive, send)
            return
        status, begun = _BROKEN, perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                if all(name != _REQUEST_ID for name, _value in headers):
                    message = {**message, "headers": [*headers, (_REQUEST_ID, request_id.encode())]}
            await send(message)

        try:
            with tracing.span(f"{scope['method'][:_LONGEST_METHOD]} {door}", door=door):
                await app(scope, receive, noted)
        finally:
            note_request(door, status, perf_counter() - begun)

    return observe


def _door_of(path: str) -> str:
    return next((door for prefix, door in _DOORS if path.startswith(prefix)), _PAGE)


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
