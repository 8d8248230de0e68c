"""What the fake Ollama and the fake OpenAI server share: scripts, faults before the answer, the command line."""

import argparse
import asyncio
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from tests.doubles.http_server import Connection, HttpServer, Request
from tests.doubles.streaming import LAST_CHUNK, Pacer, Script, Stream, chunk, script_from_model, script_with
from tests.doubles.texts import VOCABULARY, token_numbers

_HTML = b"<!doctype html><title>Router</title><p>Log in to your router</p>"
_LONG = b'{"long":"' + b"x" * 10_000_000


class ModelServer(HttpServer):
    """A fake model server. Models not in `scripts` play `default`; faults of the whole answer are told by name."""

    content_type = ""

    def __init__(self, default: Script | None = None, **scripts: Script) -> None:
        super().__init__()
        self.default = default or Script()
        self.scripts = scripts
        self._pacer = Pacer()
        self._frames: dict[str, list[bytes]] = {}

    # What differs between the two wires.

    @abstractmethod
    def error_body(self, message: str, status: int) -> Any:
        """This will make the body of an HTTP error."""

    @abstractmethod
    def frame(self, model: str, text: str, *, is_thinking: bool = False) -> bytes:
        """This will make the lines of one token."""

    def opening(self, model: str) -> list[bytes]:
        """This will make the lines before the first token."""
        return []

    @abstractmethod
    def closing(self, request: Request, script: Script, token_count: int) -> list[bytes]:
        """This will make the lines after the last token."""

    @abstractmethod
    def fault_line(self, fault: str) -> bytes:
        """This will make the line a fault inside the stream consists of."""

    # What they share.

    def set_script(self, connection: Connection, values: dict[str, Any]) -> None:
        """This will change a model's script from another process; model `*` is the default."""
        model = str(values.pop("model", "*"))
        if model == "*":
            self.default = script_with(Script(), values)
        else:
            self.scripts[model] = script_with(Script(), values)
        connection.send_json({"ok": True})

    def chat(self, request: Request, connection: Connection, *, limit: int | None, prefix: str = "") -> None:
        """This will answer a chat request by its model's script; `prefix` is the start of the answer already there."""
        script = script_from_model(request.body["model"], self.scripts, self.default)
        if self._refuse(script.fault, connection):
            return
        stream = self._stream(request, connection, script, limit, prefix)
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: {self.content_type}\r\nDate: Fri, 20 Nov 2026 09:00:00 GMT\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
        ).encode() + b"".join(chunk(line) for line in self.opening(request.body["model"]))
        if script.delay_s:
            asyncio.get_running_loop().call_later(script.delay_s, stream.start, head)
        else:
            stream.start(head)

    def _stream(
        self, request: Request, connection: Connection, script: Script, limit: int | None, prefix: str
    ) -> Stream:
        model = request.body["model"]
        chunks = self._chunks(model, request, script, prefix)
        if limit is not None:
            chunks = chunks[:limit]
        tail = [] if script.raw is not None else self.closing(request, script, len(chunks))
        stream = Stream(
            connection, self._pacer, self.log, script, chunks, b"".join(map(chunk, tail)) + LAST_CHUNK, model=model
        )
        if script.fault == "long_line":
            stream.fault_bytes = chunk(_LONG)
        elif script.fault not in {"", "eof"}:
            stream.fault_bytes = chunk(self.fault_line(script.fault))
        return stream

    def _chunks(self, model: str, request: Request, script: Script, prefix: str) -> list[bytes]:
        if script.raw is not None:
            return [chunk(line) for line in script.raw]
        frames = self._frames_of(model)
        thinking = [chunk(self.frame(model, f"thought {n} ", is_thinking=True)) for n in range(script.thinking)]
        if script.pieces is not None:
            return thinking + [chunk(self.frame(model, piece)) for piece in script.pieces]
        numbers = token_numbers(last_user_text(request.body["messages"]), script.tokens)
        skipped = 0
        while prefix and skipped < len(numbers) and prefix.startswith(VOCABULARY[numbers[skipped]]):
            prefix = prefix.removeprefix(VOCABULARY[numbers[skipped]])
            skipped += 1
        # A prefix that ends inside a token: the rest of that token comes first.
        inside = []
        if prefix and skipped < len(numbers) and VOCABULARY[numbers[skipped]].startswith(prefix):
            inside = [chunk(self.frame(model, VOCABULARY[numbers[skipped]].removeprefix(prefix)))]
            skipped += 1
        return thinking + inside + [frames[number] for number in numbers[skipped:]]

    def _frames_of(self, model: str) -> list[bytes]:
        if model not in self._frames:
            self._frames[model] = [chunk(self.frame(model, token)) for token in VOCABULARY]
        return self._frames[model]

    def _refuse(self, fault: str, connection: Connection) -> bool:
        """Faults instead of an answer: an HTTP status (`429:7` with Retry-After), or no HTTP at all."""
        status, _, retry = fault.partition(":")
        if status.isdigit():
            headers = f"Retry-After: {retry}\r\n" if retry else ""
            body = self.error_body(ERRORS.get(int(status), "something broke"), int(status))
            connection.send_json(body, int(status), headers)
        elif fault == "context":
            connection.send_json(self.error_body("the input length exceeds the context length", 400), 400)
        elif fault in INSTEAD:
            INSTEAD[fault](connection)
        else:
            return False
        return True


INSTEAD: dict[str, Callable[[Connection], None]] = {
    "html": lambda c: c.send_body(_HTML, "text/html"),
    "html_500": lambda c: c.send_body(_HTML * 1000, "text/html", 500),
    "redirect": lambda c: c.send_body(b"", "text/plain", 302, "Location: http://169.254.169.254/latest/meta-data/\r\n"),
    "close_at_once": lambda c: c.close(),
    "not_http": lambda c: c.send(b"SSH-2.0-OpenSSH_9.2p1\r\n" * 4),
    "endless_headers": lambda c: _send_headers(c, 0),
    "no_answer": lambda _: None,
}
ERRORS = {
    401: "unauthorized",
    404: "model 'nothing' not found",
    429: "too many requests",
    500: "llama runner process has terminated: exit status 2",
    503: "server busy, please try again. maximum pending requests exceeded",
}


def _send_headers(connection: Connection, count: int) -> None:
    if count == 0:
        connection.send(b"HTTP/1.1 200 OK\r\n")
    if connection.is_open:
        connection.send(b"X-More-%d: and more\r\n" % count)
        asyncio.get_running_loop().call_later(0.002, _send_headers, connection, count + 1)


def last_user_text(messages: list[dict[str, Any]]) -> str:
    """This will return what the last user message says, its text parts joined."""
    for message in reversed(messages):
        if message["role"] == "user":
            content = message["content"]
            return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
    return ""


def run(server_class: type[ModelServer]) -> None:
    """This will serve from the command line until interrupted, printing the port first."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0.0, help="tokens a second; 0 is flat out")
    parser.add_argument("--tokens", type=int, default=500)
    parser.add_argument("--fault", default="")
    parser.add_argument("--fault-at", type=int, default=0)
    args = parser.parse_args()
    script = Script(tokens=args.tokens, rate=args.rate, fault=args.fault, fault_at=args.fault_at)

    async def serve() -> None:
        async with server_class(script) as server:
            print(server.port, flush=True)
            await asyncio.Event().wait()

    try:
        import uvloop  # noqa: PLC0415 - twice as cheap where it is installed

        uvloop.run(serve())
    except KeyboardInterrupt:
        return
