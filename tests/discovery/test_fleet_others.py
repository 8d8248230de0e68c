"""What else the fleet consists of: real stores, what is no service, what is hostile and what changes."""

import asyncio
import zlib
from collections.abc import Awaitable
from contextlib import suppress

import aiohttp
import pytest

from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.fleet.asking import Heard, ask
from tests.doubles.fleet.changing import Changing, Liar
from tests.doubles.fleet.everything import HOSTILE, NOTHING, ordinary, running
from tests.doubles.fleet.hostile import METADATA_URL, hostile
from tests.doubles.fleet.stores import postgres, valkey
from tests.doubles.fleet.vllm import Vllm
from tests.doubles.fleet.web import PageForAll
from tests.doubles.http_server import HttpServer


async def test_the_stores_are_real_ones() -> None:
    async with postgres() as postgres_port, valkey() as open_port, valkey(password="secret") as closed_port:
        ssl = await _say(postgres_port, b"\x00\x00\x00\x08\x04\xd2\x16\x2f", 1)
        pong = await _say(open_port, b"PING\r\n", 7)
        refused = await _say(closed_port, b"PING\r\n", 7)

    assert ssl in {b"S", b"N"}
    assert (pong, refused) == (b"+PONG\r\n", b"-NOAUTH")


@pytest.mark.parametrize("name", NOTHING)
async def test_what_is_no_service_answers_all_the_same(name: str) -> None:
    async with NOTHING[name]() as server:
        heard = await ask(server.url)

    assert heard.status == 200


async def test_a_page_for_all_sends_two_megabytes_of_html_to_every_request() -> None:
    async with PageForAll() as server:
        heard = [await ask(server.url, route) for route in ("GET /v1/models", "POST /mcp")]

    assert [(one.status, len(one.body) > 2_000_000) for one in heard] == [(200, True)] * 2


@pytest.mark.parametrize("name", HOSTILE)
async def test_every_hostile_server_takes_a_connection(name: str) -> None:
    async with hostile(name) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        said = b"" if name == "tarpit" else await asyncio.wait_for(_first_bytes(reader), 5)
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()

    assert (said == b"") == (name in {"tarpit", "reset"})


async def test_the_redirect_leads_to_the_metadata_address_and_the_bomb_unpacks_to_a_gigabyte() -> None:
    async with hostile("redirect") as redirect, hostile("bomb") as bomb:
        sent = await ask(redirect.url)
        packed = await ask(bomb.url)

    assert (sent.status, sent.headers["location"]) == (302, METADATA_URL)
    assert len(packed.body) < 2_000_000
    assert len(zlib.decompressobj(31).decompress(packed.body, 50_000_000)) == 50_000_000


async def test_a_server_can_lose_its_face_change_models_ask_for_a_key_and_become_another() -> None:
    face = Vllm()
    async with Changing(face) as server:
        before = await _models(server)
        face.serve("other")
        changed = await _models(server)
        face.key = "sk-new"
        locked = await ask(server.url, "GET /v1/models")
        server.face = FakeOpenAI()
        another = await _models(server)
        server.face = None
        with pytest.raises(aiohttp.ClientConnectionError):
            await ask(server.url)

    assert (before, changed) == (["Qwen/Qwen3-8B"], ["other"])
    assert locked.status == 401
    assert "fake" in another


async def test_a_server_can_go_down_come_back_and_move() -> None:
    async with Changing(Vllm()) as server:
        first = server.url
        await server.go_down()
        with pytest.raises(aiohttp.ClientConnectionError):
            await ask(first)
        await server.come_back()
        back = await ask(first, "GET /version")
        await server.move("127.0.0.2")
        second = server.url
        moved = await ask(server.url, "GET /version")

    assert second == first.replace("127.0.0.1", "127.0.0.2")
    assert (back.status, moved.status) == (200, 200)


async def test_the_liar_claims_to_be_several_products_at_once() -> None:
    routes = ("GET /api/version", "GET /info", "GET /config", "GET /v1/models")
    async with Liar() as server:
        heard = [await ask(server.url, route) for route in routes]

    assert [one.status for one in heard] == [200] * 4


async def test_the_whole_fleet_runs_on_one_address_side_by_side() -> None:
    async with running(ordinary(), "127.0.0.3") as servers:
        ports = {server.port for server in servers.values()}
        heard = await asyncio.gather(*(_root(server) for server in servers.values()))

    assert len(ports) == len(servers)
    assert all(0 < one.status < 600 for one in heard)


def _root(server: HttpServer) -> Awaitable[Heard]:
    assert server.url.startswith("http://127.0.0.3:")
    return ask(server.url)


async def _models(server: HttpServer) -> list[str]:
    return [row["id"] for row in (await ask(server.url, "GET /v1/models")).json()["data"]]


async def _say(port: int, words: bytes, size: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    said = await reader.readexactly(size)
    writer.close()
    await writer.wait_closed()
    return said


async def _first_bytes(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(10)
    except ConnectionResetError:
        return b""
