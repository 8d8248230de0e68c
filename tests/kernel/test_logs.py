"""Log lines for machines, and the ids that travel with the work."""

import asyncio
import json
import logging
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from os import environ
from threading import Thread
from typing import Any

import pytest

from olympus.kernel import tracing
from olympus.kernel.db import in_thread
from olympus.kernel.logs import JsonLines
from olympus.observing import observed

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


def line(message: str = "hello %s", *args: object, **more: Any) -> dict[str, Any]:
    record = logging.getLogger("test").makeRecord("test", logging.WARNING, "f.py", 1, message, args, None, **more)
    written = JsonLines().format(record)

    assert "\n" not in written
    assert written.isascii()
    found: dict[str, Any] = json.loads(written)
    return found


def test_a_line_says_when_how_bad_where_and_what() -> None:
    said = line("hello %s", "world", extra={"check": "postgres", "request": object()})

    assert (said["level"], said["logger"], said["message"], said["check"]) == (
        "WARNING",
        "test",
        "hello world",
        "postgres",
    )
    assert said["time"].endswith("+00:00")
    assert "request" not in said


@pytest.mark.parametrize("evil", ["two\nlines", "\ud800", "\x00", '"}', "\u2028", "x" * 100_000])
def test_whatever_is_logged_stays_one_short_line(evil: str) -> None:
    said = line("%s", evil)

    assert said["message"] == evil[:20_000]


def test_an_error_brings_its_traceback() -> None:
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        record = logging.getLogger("t").makeRecord("t", logging.ERROR, "f", 1, "it broke", (), sys.exc_info())

    assert "RuntimeError: broken" in json.loads(JsonLines().format(record))["error"]


def test_an_error_of_the_database_brings_no_words_of_people() -> None:
    refused = 'violates not-null constraint\nDETAIL:  Failing row contains (1, "my secret\n\nplan").'
    try:
        try:
            raise ValueError(refused)
        except ValueError as error:
            raise RuntimeError(refused) from error
    except RuntimeError:
        record = logging.getLogger("t").makeRecord("t", logging.ERROR, "f", 1, "it broke", (), sys.exc_info())

    said = json.loads(JsonLines().format(record))["error"]

    assert "plan" not in said
    assert "plan" not in line("a job raised %s", refused)["message"]
    assert "RuntimeError: violates not-null constraint\nDETAIL: …" in said


@pytest.mark.parametrize(
    ("header", "trace_id"),
    [
        (TRACEPARENT, TRACE_ID),
        (f" {TRACEPARENT} ", TRACE_ID),
        (f"cc{TRACEPARENT[2:]}-what-comes-later", TRACE_ID),
        (f"{TRACEPARENT}-more", None),
        (f"ff{TRACEPARENT[2:]}", None),
        (TRACEPARENT.upper(), None),
        (TRACEPARENT.replace(TRACE_ID, "0" * 32), None),
        ("00-short-b7ad6b7169203331-01", None),
        ("", None),
        ("\x00" * 55, None),
        (f"00-{TRACE_ID}-b7ad6b7169203331-01" * 1000, None),
    ],
)
def test_a_traceparent_is_taken_up_only_if_it_is_one(header: str, trace_id: str | None) -> None:
    found = tracing.parse_traceparent(header)

    assert (found.trace_id if found else None) == trace_id


async def test_a_request_keeps_the_trace_it_was_sent_in_and_says_its_id() -> None:
    seen: list[Any] = []

    async def app(scope: object, receive: object, send: Any) -> None:
        seen.append(dict(tracing.current_ids()))
        seen.append(await in_thread(tracing.current_traceparent))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        seen.append(message)

    scope = {"type": "http", "path": "/c/", "method": "GET", "headers": [(b"traceparent", TRACEPARENT.encode())]}
    await asyncio.create_task(observed(app)(scope, None, send))  # type: ignore[arg-type]

    assert seen[0]["trace_id"] == TRACE_ID
    assert seen[0]["span_id"] != "b7ad6b7169203331"
    assert seen[1].split("-")[1] == TRACE_ID
    assert dict(seen[2]["headers"])[b"x-request-id"].decode() == seen[0]["request_id"]
    assert tracing.current_ids() == {}


def test_what_a_run_does_is_in_the_trace_it_was_ordered_in() -> None:
    with tracing.in_run("r1", TRACEPARENT), tracing.span("run"):
        said = line("working")

    assert (said["run_id"], said["trace_id"]) == ("r1", TRACE_ID)
    assert "run_id" not in line("after")


def test_steps_of_one_request_share_its_trace() -> None:
    with tracing.span("outer"):
        outer = tracing.current_traceparent()
        with tracing.span("inner"):
            inner = tracing.current_traceparent()

    assert outer.split("-")[1] == inner.split("-")[1]
    assert outer.split("-")[2] != inner.split("-")[2]


def run(code: str, **changes: str) -> str:
    unset = {name: value for name, value in environ.items() if not name.startswith(("OTEL_", "SENTRY"))}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**unset, **changes}, capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_neither_opentelemetry_nor_sentry_is_loaded_unless_configured() -> None:
    loaded = run(
        "import olympus.asgi, olympus.celery, apps.agents.tasks, sys;"
        "print([name for name in ('opentelemetry', 'sentry_sdk') if name in sys.modules])"
    )

    assert loaded.strip() == "[]"


class _Collector(BaseHTTPRequestHandler):
    got: list[tuple[str, bytes]] = []

    def do_POST(self) -> None:
        self.got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_configured_collector_gets_the_spans_in_the_trace_of_the_request() -> None:
    server = HTTPServer(("127.0.0.1", 0), _Collector)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    code = (
        "from olympus.kernel import tracing\n"
        "tracing.configure()\n"
        f"tracing.begin_request({TRACEPARENT!r})\n"
        "with tracing.span('step', door='rest'): print(tracing.current_traceparent())\n"
    )

    out = run(code, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{server.server_port}", NO_PROXY="*")
    server.shutdown()
    server.server_close()
    thread.join()

    assert out.split("-")[1] == TRACE_ID
    path, body = _Collector.got[0]
    assert path == "/v1/traces"
    assert b"step" in body
    assert bytes.fromhex(TRACE_ID) in body
