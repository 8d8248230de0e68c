"""Requests that carry too much, refused before their body is kept."""

import asyncio
from typing import Any

import pytest

from olympus.asgi import application, django_application
from olympus.bodies import MAX_BODY_BYTES, limit_bodies

MEBIBYTE = b"x" * 1024 * 1024


class Upload:
    """A request that sends one mebibyte after another, as long as somebody reads."""

    def __init__(self, mebibytes: int, *, declared: int | None = None) -> None:
        headers = [(b"host", b"localhost"), (b"content-type", b"text/plain")]
        headers += [(b"content-length", str(declared).encode())] if declared is not None else []
        self.scope = {
            "type": "http", "method": "POST", "path": "/accounts/login/", "raw_path": b"/accounts/login/",
            "query_string": b"", "headers": headers, "http_version": "1.1", "scheme": "http",
            "client": ("127.0.0.1", 1), "server": ("localhost", 8000),
        }  # fmt: skip
        self.mebibytes, self.read_count = mebibytes, 0
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        self.read_count += 1
        return {"type": "http.request", "body": MEBIBYTE, "more_body": self.read_count < self.mebibytes}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)


async def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    upload = Upload(1000, declared=MAX_BODY_BYTES + 1)

    await application(upload.scope, upload.receive, upload.send)

    assert upload.sent[0]["status"] == 413
    assert upload.read_count == 0


@pytest.mark.parametrize("declared", [None, 10])
async def test_a_body_that_turns_out_too_large_is_not_read_to_its_end(declared: int | None) -> None:
    upload = Upload(1000, declared=declared)

    await application(upload.scope, upload.receive, upload.send)

    assert upload.sent[0]["status"] == 413
    assert upload.read_count < 30


async def test_a_body_that_stops_coming_is_not_waited_for() -> None:
    upload = Upload(3)

    async def receive() -> dict[str, Any]:
        return await upload.receive() if not upload.read_count else await asyncio.Event().wait()  # type: ignore[return-value]

    await limit_bodies(django_application, silence_s=0.05)(upload.scope, receive, upload.send)

    assert [message.get("status") for message in upload.sent] == [408, None]


async def test_behind_its_body_a_request_may_wait_for_its_answer() -> None:
    upload = Upload(1)
    is_over = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not upload.read_count:
            return await upload.receive()
        await is_over.wait()
        return {"type": "http.disconnect"}

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        leaving = asyncio.create_task(receive())
        await asyncio.sleep(0.2)
        assert not leaving.done()
        is_over.set()
        assert (await leaving)["type"] == "http.disconnect"

    await limit_bodies(app, silence_s=0.05)(upload.scope, receive, upload.send)

    assert upload.sent == []


async def test_what_fits_arrives_whole() -> None:
    upload, heard = Upload(3), []

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        while (message := await receive())["more_body"]:
            heard.append(message["body"])
        heard.append(message["body"])

    await limit_bodies(app, limit_bytes=3 * len(MEBIBYTE))(upload.scope, upload.receive, upload.send)

    assert heard == [MEBIBYTE] * 3
    assert upload.sent == []


async def test_a_larger_body_is_taken_where_it_is_allowed_and_asked_about_only_then() -> None:
    asked: list[str] = []

    async def larger(scope: dict[str, Any]) -> int:
        asked.append(scope["path"])
        return 100 if scope["path"] == "/large" else 0

    async def reads(scope: dict[str, Any], receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def status(path: str, size: int) -> int:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"x" * size}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {"type": "http", "path": path, "headers": [(b"content-length", str(size).encode())]}
        await limit_bodies(reads, limit_bytes=10, larger=larger)(scope, receive, send)
        return int(sent[0]["status"])

    assert await status("/large", 100) == 200
    assert await status("/large", 101) == 413
    assert await status("/other", 11) == 413
    assert await status("/other", 10) == 200
    assert asked == ["/large", "/large", "/other"]
