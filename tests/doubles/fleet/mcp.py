"""MCP over HTTP, of revision 2026-07-28 and of those before.

Source: modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http and .../versioning,
.../2025-11-25/basic/transports and .../lifecycle; the shape of each answer as the `mcp` package 2.3 gives it.
"""

import json
import secrets
from abc import abstractmethod
from typing import Any

from tests.doubles.fleet.answering import Answer, Product
from tests.doubles.http_server import Connection, Request

MODERN = "2026-07-28"
LEGACY = "2025-11-25"
_META = "io.modelcontextprotocol/"
_TOOLS = [
    {
        "name": "forecast",
        "description": "Tell the weather",
        "inputSchema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    }
]
_ABILITIES = {"tools": {"listChanged": True}, "resources": {"listChanged": True, "subscribe": True}}


class McpServer(Product):
    """What both eras share: one endpoint, a name the server gives itself, and a key if it is set."""

    not_found = Answer(b"Not Found", 404, "text/plain; charset=utf-8")
    unauthorized = Answer(
        {"error": "invalid_token", "error_description": "Authentication required"},
        401,
        headers='WWW-Authenticate: Bearer error="invalid_token"\r\n',
    )

    def __init__(self, name: str = "weather", version: str = "1.4.2", *, path: str = "/mcp", key: str = "") -> None:
        super().__init__(key=key)
        self.info = {"name": name, "version": version}
        self.path = path
        self.routes = {
            f"POST {path}": self.message,
            f"GET {path}": lambda _: _failed(None, -32000, "Method Not Allowed", status=405),
        }

    @abstractmethod
    def message(self, request: Request) -> Answer:
        """This will answer one JSON-RPC message."""


class ModernMcp(McpServer):
    """Revision 2026-07-28: no sessions; each request says its version twice, in a header and in its body."""

    def message(self, request: Request) -> Answer:
        body = request.body or {}
        asked = body.get("params", {}).get("_meta", {}).get(f"{_META}protocolVersion")
        number = body.get("id")
        if not asked or request.headers.get("mcp-protocol-version") != asked:
            return _failed(number, -32020, "mcp-protocol-version header does not match the request body's version")
        if request.headers.get("mcp-method") != body.get("method"):
            return _failed(number, -32020, "mcp-method header does not match the request body's method")
        if asked != MODERN:
            data = {"supported": [MODERN], "requested": asked}
            return _failed(number, -32022, "Unsupported protocol version", data)
        if body["method"] == "server/discover":
            return self._done(number, {"capabilities": _ABILITIES, "supportedVersions": [MODERN]})
        if body["method"] == "tools/list":
            return self._done(number, {"tools": _TOOLS})
        return _failed(number, -32601, "Method not found", body["method"], status=404)

    def _done(self, number: Any, result: dict[str, Any]) -> Answer:
        more = {"cacheScope": "private", "resultType": "complete", "ttlMs": 0}
        return _result(number, {**result, **more, "_meta": {f"{_META}serverInfo": self.info}})


class LegacyMcp(McpServer):
    """Up to 2025-11-25: `initialize` opens a session, which every later message names; answers are event streams."""

    def __init__(self, name: str = "weather", version: str = "1.4.2", *, path: str = "/mcp", key: str = "") -> None:
        super().__init__(name, version, path=path, key=key)
        self.sessions: set[str] = set()

    def message(self, request: Request) -> Answer:
        body = request.body or {}
        if body.get("method") == "initialize":
            return self._open(body)
        session = request.headers.get("mcp-session-id")
        if session is None:
            return _failed(None, -32600, "Bad Request: Missing session ID")
        if session not in self.sessions:
            return _failed(None, -32600, "Session not found", status=404)
        if "id" not in body:
            return Answer(b"", 202)
        if body["method"] == "tools/list":
            return _events(_result(body["id"], {"tools": _TOOLS}), session)
        return _events(_failed(body["id"], -32601, "Method not found"), session)

    def other(self, request: Request, connection: Connection) -> None:
        if request.method == "DELETE" and request.path == self.path:
            self.sessions.discard(request.headers.get("mcp-session-id", ""))
            Answer(b"").send(connection)
        else:
            super().other(request, connection)

    def _open(self, body: dict[str, Any]) -> Answer:
        session = secrets.token_hex(16)
        self.sessions.add(session)
        asked = body["params"]["protocolVersion"]
        version = asked if asked in {LEGACY, "2025-06-18", "2025-03-26"} else LEGACY
        result = {"protocolVersion": version, "capabilities": _ABILITIES, "serverInfo": self.info}
        return _events(_result(body["id"], result), session)


def _result(number: Any, result: dict[str, Any]) -> Answer:
    return Answer({"jsonrpc": "2.0", "id": number, "result": result})


def _failed(number: Any, code: int, message: str, data: Any = None, *, status: int = 400) -> Answer:
    error = {"code": code, "message": message} | ({} if data is None else {"data": data})
    return Answer({"jsonrpc": "2.0", "id": number, "error": error}, status)


def _events(answer: Answer, session: str) -> Answer:
    stream = f"event: message\r\ndata: {json.dumps(answer.body)}\r\n\r\n".encode()
    return Answer(stream, 200, "text/event-stream", f"Mcp-Session-Id: {session}\r\nCache-Control: no-cache\r\n")
