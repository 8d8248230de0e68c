"""The MCP servers of the fleet speak as the specification of their era has it; the official client agrees."""

from collections.abc import Callable
from typing import Any

import pytest
from mcp import ClientSession
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from tests.doubles.fleet.asking import ask
from tests.doubles.fleet.mcp import LEGACY, MODERN, LegacyMcp, ModernMcp
from tests.doubles.http_server import HttpServer

META = "io.modelcontextprotocol/"
DISCOVER = {"mcp_protocol_version": MODERN, "mcp_method": "server/discover"}


def discover(version: str = MODERN, method: str = "server/discover") -> dict[str, Any]:
    """A message of the modern era."""
    meta = {f"{META}protocolVersion": version, f"{META}clientInfo": {"name": "t", "version": "1"},
            f"{META}clientCapabilities": {}}  # fmt: skip
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"_meta": meta}}


@pytest.mark.parametrize("make", [ModernMcp, LegacyMcp])
async def test_the_official_mcp_client_agrees_with_both_eras(make: Callable[[], HttpServer]) -> None:
    async with make() as server, Client(f"{server.url}/mcp") as client:
        tools = (await client.list_tools()).tools

    assert [tool.name for tool in tools] == ["forecast"]


async def test_a_legacy_mcp_server_opens_a_session_over_an_event_stream() -> None:
    async with LegacyMcp("notes") as server:
        async with (
            streamable_http_client(f"{server.url}/mcp") as (reader, writer, *_),
            ClientSession(reader, writer) as session,
        ):
            opened = await session.initialize()
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": LEGACY, "capabilities": {}}}  # fmt: skip
        raw = await ask(server.url, "POST /mcp", hello)

    assert opened.server_info.name == "notes"
    assert raw.headers["content-type"] == "text/event-stream"
    assert raw.headers["mcp-session-id"] in server.sessions
    assert raw.body.startswith(b"event: message\r\ndata: {")


async def test_a_legacy_mcp_server_refuses_a_message_without_a_session() -> None:
    async with LegacyMcp() as server:
        heard = await ask(server.url, "POST /mcp", discover(), **DISCOVER)

    assert heard.status == 400
    assert heard.json()["error"]["code"] == -32600


async def test_a_modern_mcp_server_discovers_without_a_session() -> None:
    async with ModernMcp("notes") as server:
        heard = await ask(server.url, "POST /mcp", discover(), **DISCOVER)

    assert heard.json()["result"]["supportedVersions"] == [MODERN]
    assert heard.json()["result"]["_meta"][f"{META}serverInfo"]["name"] == "notes"
    assert "mcp-session-id" not in heard.headers


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (discover(), {**DISCOVER, "mcp_method": "tools/list"}, 400, -32020),
        (discover(), {}, 400, -32020),
        (discover("1900-01-01"), {**DISCOVER, "mcp_protocol_version": "1900-01-01"}, 400, -32022),
        (discover(method="no/such"), {**DISCOVER, "mcp_method": "no/such"}, 404, -32601),
    ],
)
async def test_a_modern_mcp_server_says_what_is_wrong_with_a_message(
    body: dict[str, Any], headers: dict[str, str], status: int, code: int
) -> None:
    async with ModernMcp() as server:
        heard = await ask(server.url, "POST /mcp", body, **headers)

    assert (heard.status, heard.json()["error"]["code"]) == (status, code)
