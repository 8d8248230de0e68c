"""A fake Ollama that loads models as they are asked for, keeps them as long as it is told, and tells what it holds."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.http_server import Connection, Request
from tests.doubles.ollama_memory import FOREVER_S, OllamaMemory

# How often it looks whether an answer is over.
_LOOK_S = 0.005
_ASKING = {"/api/chat", "/api/embed"}


class RememberingOllama(FakeOllama):
    """`memory` counts on its own clock, which `speed` makes run faster than the real one."""

    def __init__(self, memory: OllamaMemory, *, speed: float = 1.0) -> None:
        super().__init__()
        self.memory, self.speed = memory, speed
        self.models |= {name: ["completion"] for name in memory.sizes}

    def handle(self, request: Request, connection: Connection) -> None:
        if request.path == "/api/ps":
            connection.send_json({"models": self._held()})
        elif request.path == "/api/generate" and request.body["model"] in self.models:
            self._later(self.memory.keep(request.body["model"], _seconds(request)), self._tell, request, connection)
        elif request.path in _ASKING:
            wait_s = self.memory.begin(request.body["model"], _seconds(request))
            self._later(wait_s, self._ask, request, connection)
        else:
            super().handle(request, connection)

    def _later(self, wait_s: float, do: Any, *arguments: Any) -> None:
        asyncio.get_running_loop().call_later(wait_s / self.speed, do, *arguments)

    def _tell(self, request: Request, connection: Connection) -> None:
        connection.send_json({"model": request.body["model"], "response": "", "done": True})

    def _ask(self, request: Request, connection: Connection) -> None:
        super().handle(request, connection)
        self._end(request.body["model"], connection)

    def _end(self, model: str, connection: Connection) -> None:
        if connection.is_open and connection.busy is not None:
            asyncio.get_running_loop().call_later(_LOOK_S, self._end, model, connection)
        else:
            self.memory.end(model)

    def _held(self) -> list[dict[str, Any]]:
        self.memory.forget_expired()
        now = datetime.now(UTC)  # noqa: TID251 - a server on the wire has the machine's clock
        return [
            {
                "name": name, "model": name, "size": self.memory.size_of(name), "size_vram": self.memory.size_of(name),
                "expires_at": _time(now, held.expires_at - self.memory.now()), "context_length": 4096,
            }
            for name, held in self.memory.held.items()
        ]  # fmt: skip


def _seconds(request: Request) -> float | None:
    keep_alive = request.body.get("keep_alive")
    if keep_alive is None:
        return None
    return FOREVER_S if float(keep_alive) < 0 else float(keep_alive)


def _time(now: datetime, left_s: float) -> str:
    """As Ollama writes it: nine digits, and some 292 years ahead for what stays."""
    until = now + timedelta(days=106_751) if left_s == FOREVER_S else now + timedelta(seconds=left_s)
    return until.strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"
