"""What the servers of the fleet share: an answer for each route, a key, and what they say to anything else."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.http_server import Connection, HttpServer, Request

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
CREATED = 1_795_165_200


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer; `body` is bytes as they are, or a value sent as JSON. `headers` end with CRLF each."""

    body: Any
    status: int = 200
    content_type: str = JSON
    headers: str = ""

    def send(self, connection: Connection, more_headers: str = "") -> None:
        """This will send it, with headers the server adds to all its answers."""
        raw = self.body if isinstance(self.body, bytes) else json.dumps(self.body, separators=(",", ":")).encode()
        connection.send_body(raw, self.content_type, self.status, self.headers + more_headers)


Route = Callable[[Request], Answer]


class Product(HttpServer):
    """A server of the fleet. Routes are asked at each request, so a test may change what they read at any time."""

    own_headers = ""
    not_found = Answer({"detail": "Not Found"}, 404)
    unauthorized = Answer({"error": "Unauthorized"}, 401)
    _needs_key: Callable[[str], bool] = staticmethod(lambda path: True)

    def __init__(self, *, key: str = "") -> None:
        super().__init__()
        self.key = key
        self.routes: dict[str, Route] = {}

    def admits(self, request: Request) -> bool:
        """This will tell whether a request may pass: it bears the key, or needs none."""
        return not self.key or not self._needs_key(request.path) or self._bears_key(request)

    def other(self, request: Request, connection: Connection) -> None:
        """This will answer what no route is for."""
        self.not_found.send(connection, self.own_headers)

    def handle(self, request: Request, connection: Connection) -> None:
        route = self.routes.get(f"{request.method} {request.path}")
        if not self.admits(request):
            self.unauthorized.send(connection, self.own_headers)
        elif route is not None:
            route(request).send(connection, self.own_headers)
        else:
            self.other(request, connection)

    def _bears_key(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.key}"


class ModelProduct(Product, FakeOpenAI):
    """A server that speaks OpenAI's API beside its own; it chats and embeds as FakeOpenAI does.

    `card` makes a model's row in `/v1/models`; `serve` changes the models.
    """

    names: tuple[str, ...] = ("qwen3-8b",)
    _needs_key = staticmethod(lambda path: path.startswith("/v1"))

    def __init__(self, *names: str, key: str = "") -> None:
        FakeOpenAI.__init__(self, key=key)
        self.routes = {"GET /v1/models": lambda _: Answer({"object": "list", "data": self.models})}
        self.serve(*(names or self.names))

    def card(self, name: str) -> dict[str, Any]:
        """This will make a model's row."""
        return {"id": name, "object": "model", "created": CREATED, "owned_by": "organization"}

    def serve(self, *names: str) -> None:
        """This will have these models and no others."""
        self.models = [self.card(name) for name in names]

    def other(self, request: Request, connection: Connection) -> None:
        if request.method == "POST" and request.path.startswith(("/v1/", "/_script")):
            FakeOpenAI.handle(self, request, connection)
        else:
            super().other(request, connection)


def fixed(body: Any, status: int = 200, content_type: str = JSON, headers: str = "") -> Route:
    """This will make a route that always answers the same."""
    answer = Answer(body, status, content_type, headers)
    return lambda _: answer
