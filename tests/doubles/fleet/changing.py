"""Servers that are not what they were a moment ago, and one that says it is what it is not."""

import re

from tests.doubles.fleet.answering import CREATED, Answer, Product, fixed
from tests.doubles.http_server import Connection, HttpServer, Request


class Changing(HttpServer):
    """Shows the face of another server, which need not be started; the face can be taken off, and others put on."""

    def __init__(self, face: HttpServer | None) -> None:
        super().__init__()
        self.face = face

    def handle(self, request: Request, connection: Connection) -> None:
        if self.face is None:
            connection.reset()
        else:
            self.face.handle(request, connection)

    async def go_down(self) -> None:
        """This will stop listening; the port stays its own."""
        self._kept_port = self.port
        await self.stop()

    async def come_back(self) -> None:
        """This will listen where it did."""
        await self.start(self._kept_port, self.host)

    async def move(self, host: str) -> None:
        """This will listen at another address, on the same port."""
        port = self.port
        await self.stop()
        await self.start(port, host)


class Liar(Product):
    """Claims to be every product at once, with names that would break a page, and the identity of another."""

    own_headers = "Server: llama.cpp\r\n"

    def __init__(self, identity: str = "") -> None:
        super().__init__()
        name = identity or "<script>alert(1)</script>\u0000" + "x" * 300
        row = {"id": name, "object": "model", "created": CREATED, "owned_by": "vllm", "max_model_len": 10**30}
        models = [{"name": name, "model": name, "key": name, "type": "llm", "capabilities": ["completion", "root"]}]
        self.routes = {
            "GET /": fixed(b"Ollama is running", content_type="text/plain"),
            "GET /v1/models": fixed({"object": "list", "data": [row] * 50}),
            "GET /api/version": fixed({"version": "0.12.3\r\nX-Evil: 1"}),
            "GET /api/tags": fixed({"models": models}),
            "GET /api/v1/models": fixed({"models": models}),
            "GET /info": fixed({"router": "text-generation-router", "version": name, "max_total_tokens": -1}),
            "GET /config": fixed({"engines": [], "categories": [], "version": name, "instance_name": name}),
            "GET /health/readiness": fixed({"status": "healthy", "litellm_version": name}),
            "GET /.well-known/localai.json": fixed({"version": name, "endpoints": {}}),
        }

    def other(self, request: Request, connection: Connection) -> None:
        if re.match(r"/(mcp|sse)", request.path) and request.method == "POST":
            info = {"name": "olympus", "version": "9" * 200}
            Answer({"jsonrpc": "2.0", "id": 1, "result": {"serverInfo": info}}).send(connection)
        else:
            super().other(request, connection)
