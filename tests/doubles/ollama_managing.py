"""How the fake Ollama pulls, makes, copies, deletes and loads models.

Source: github.com/ollama/ollama, server/routes.go, server/download.go and server/create.go, as of August 2026.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.doubles.http_server import Connection, Request
from tests.doubles.streaming import LAST_CHUNK, chunk

if TYPE_CHECKING:
    from tests.doubles.fake_ollama import FakeOllama

_DIGEST = "sha256:" + "6a0746a1ec1a".ljust(64, "0")
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
NO_SUCH = "pull model manifest: file does not exist"
NO_SPACE = "write /models/blobs/sha256-6a0746a1ec1a-partial-0: no space left on device"
NO_NETWORK = (
    'pull model manifest: Get "https://registry.ollama.ai/v2/library/x/manifests/latest": '
    "dial tcp: lookup registry.ollama.ai: no such host"
)


@dataclass(frozen=True)
class Pull:
    """How a pull goes: its size, in how many steps, how fast; `error` is said after `fails_at` steps.

    `fault` is `cut` (the connection ends), `stall` (nothing more comes), `garbage`, `drip` (single bytes) or `flood`.
    """

    size_bytes: int = 2_000_000_000
    step_count: int = 20
    step_s: float = 0.0
    error: str = ""
    fault: str = ""
    fails_at: int = 3


def _line(**values: Any) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


class Managing:
    """The part of the server that manages; `pulls` says how those of a name go, `partial` what is left of broken ones."""

    def __init__(self, server: "FakeOllama") -> None:
        self._server = server
        self.pulls: dict[str, Pull] = {}
        self.default = Pull()
        self.partial: dict[str, int] = {}
        self.blobs: set[str] = set()
        self.made: dict[str, dict[str, Any]] = {}
        self.answers: dict[str, Callable[[Request, Connection], None]] = {
            "POST /api/pull": self._pull,
            "POST /api/create": self._create,
            "POST /api/copy": self._copy,
            "DELETE /api/delete": self._delete,
            "POST /api/generate": self._generate,
            "POST /_pull": self._script,
        }

    def handle(self, request: Request, connection: Connection) -> bool:
        """This will answer a request if it is one of these."""
        answer = self.answers.get(f"{request.method} {request.path}")
        if answer is not None:
            answer(request, connection)
        elif request.path.startswith("/api/blobs/"):
            self._blob(request, connection)
        else:
            return False
        return True

    def _script(self, request: Request, connection: Connection) -> None:
        """Changes how pulls of a model go, from another process; `*` is all others."""
        values = dict(request.body)
        model = values.pop("model", "*")
        if model == "*":
            self.default = replace(Pull(), **values)
        else:
            self.pulls[model] = replace(Pull(), **values)
        connection.send_json({"ok": True})

    def _pull(self, request: Request, connection: Connection) -> None:
        name = _tagged(request.body["model"])
        pull = self.pulls.get(request.body["model"], self.default)
        _Sending(connection, self._pull_lines(name, pull), pull).start()

    def _pull_lines(self, name: str, pull: Pull) -> Iterator[bytes | None]:
        """What is said; None is where a fault happens."""
        yield _line(status="pulling manifest")
        if pull.error and not pull.fails_at:
            yield _line(error=pull.error)
            return
        begun = self.partial.get(name, 0)
        for step in range(1, pull.step_count + 1):
            done = pull.size_bytes * step // pull.step_count
            if done <= begun:
                continue
            yield _line(status="pulling 6a0746a1ec1a", digest=_DIGEST, total=pull.size_bytes, completed=done)
            self.partial[name] = done
            if step == pull.fails_at and pull.error:
                yield _line(error=pull.error)
                return
            if step == pull.fails_at and pull.fault:
                yield None
        for status in ("verifying sha256 digest", "writing manifest"):
            yield _line(status=status)
        self._server.models.setdefault(name, ["completion", "tools"])
        self.partial.pop(name, None)
        yield _line(status="success")

    def _create(self, request: Request, connection: Connection) -> None:
        body = request.body
        base = _tagged(body.get("from", ""))
        if base not in self._server.models:
            connection.send_json({"error": "pull model manifest: file does not exist"}, 400)
            return
        missing = [digest for digest in body.get("adapters", {}).values() if digest not in self.blobs]
        if missing:
            connection.send_json({"error": f"open {missing[0]}: no such file or directory"}, 400)
            return
        _Sending(connection, self._create_lines(body, base), self.default).start()

    def _create_lines(self, body: dict[str, Any], base: str) -> Iterator[bytes | None]:
        if body.get("quantize"):
            for step in range(1, 6):
                yield _line(
                    status=f"quantizing F16 model to {body['quantize']}",
                    digest="0" * 19,
                    total=100,
                    completed=step * 20,
                )
        yield _line(status="using existing layer " + _DIGEST)
        yield _line(status="writing manifest")
        self._server.models[_tagged(body["model"])] = list(self._server.models[base])
        self.made[_tagged(body["model"])] = body
        yield _line(status="success")

    def _copy(self, request: Request, connection: Connection) -> None:
        source = _tagged(request.body["source"])
        if source not in self._server.models:
            connection.send_json({"error": f'model "{request.body["source"]}" not found'}, 404)
            return
        self._server.models[_tagged(request.body["destination"])] = list(self._server.models[source])
        connection.send_body(b"", "text/plain")

    def _delete(self, request: Request, connection: Connection) -> None:
        name = _tagged(request.body["model"])
        if self._server.models.pop(name, None) is None:
            connection.send_json({"error": f"model '{request.body['model']}' not found"}, 404)
            return
        if name in self._server.loaded:
            self._server.loaded.remove(name)
        connection.send_body(b"", "text/plain")

    def _generate(self, request: Request, connection: Connection) -> None:
        """An empty prompt loads a model, or unloads it where it is not to be kept."""
        name = _tagged(request.body["model"])
        if name not in self._server.models:
            connection.send_json({"error": f"model '{request.body['model']}' not found"}, 404)
            return
        is_out = request.body.get("keep_alive") == 0
        if not is_out and "completion" not in self._server.models[name]:
            connection.send_json({"error": f'"{name}" does not support generate'}, 400)
            return
        self.hold(name, is_out=is_out)
        connection.send_json(
            {"model": name, "response": "", "done": True, "done_reason": "unload" if is_out else "load"}
        )

    def hold(self, name: str, *, is_out: bool = False) -> None:
        """This will note that a model is in memory, or is no more."""
        if is_out and name in self._server.loaded:
            self._server.loaded.remove(name)
        elif not is_out and name not in self._server.loaded:
            self._server.loaded.append(name)

    def _blob(self, request: Request, connection: Connection) -> None:
        digest = request.path.removeprefix("/api/blobs/")
        is_there = digest in self.blobs
        if request.method == "HEAD":
            head = "200 OK" if is_there else "404 Not Found"
            connection.send(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n".encode())
            connection.take_request()
        else:
            self.blobs.add(digest)
            connection.send_body(b"", "text/plain", 201)


class _Sending:
    """Sends lines one by one as the connection's answer, and stops when the client leaves."""

    def __init__(self, connection: Connection, lines: Iterator[bytes | None], pull: Pull) -> None:
        self._connection, self._lines, self._pull = connection, lines, pull
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._connection.busy = self
        self._connection.send(_HEAD)
        self._next()

    def client_left(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._connection.busy = None

    def may_go_on(self) -> None:
        """The lines are few: nothing waits for the client."""

    def _next(self) -> None:
        line = next(self._lines, b"")
        if line is None:
            self._fail()
        elif line == b"":
            self._connection.send(LAST_CHUNK)
            self._connection.busy = None
            self._connection.take_request()
        else:
            self._connection.send(chunk(line))
            self._later(self._next)

    def _fail(self) -> None:
        if self._pull.fault == "cut":
            self._connection.busy = None
            self._connection.close()
        elif self._pull.fault == "garbage":
            self._connection.send(chunk(b'{"status": <<<\n'))
        elif self._pull.fault == "drip":
            self._connection.send(chunk(b" "))
            self._timer = asyncio.get_running_loop().call_later(0.02, self._fail)
        elif self._pull.fault == "flood":
            self._connection.send(chunk(b"x" * 2_000_000))

    def _later(self, do: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._pull.step_s, do)


def _tagged(name: str) -> str:
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
