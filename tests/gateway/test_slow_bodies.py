"""A program that sends its request slowly, or never, holds nothing for long."""

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from apps.gateway.errors import BodyTooLarge, GatewayFull, MalformedBody
from apps.gateway.reading import Receive, Room, read_body
from tests.doubles.http_server import until
from tests.gateway.conftest import Program


@pytest.fixture
def room() -> Iterator[Room]:
    """What one request takes."""
    given = Room()
    yield given
    given.give_back()


async def _never() -> dict[str, Any]:
    await asyncio.Event().wait()
    return {}


async def test_a_body_that_never_begins_is_not_waited_for(room: Room) -> None:
    with pytest.raises(MalformedBody, match="did not arrive in time"):
        await asyncio.wait_for(read_body(_never, {b"content-length": b"5"}, 100, room=room, within_s=0.05), 5)


async def test_a_body_that_stops_is_not_waited_for(room: Room) -> None:
    parts = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> dict[str, Any]:
        return parts.pop() if parts else await _never()

    with pytest.raises(MalformedBody, match="did not arrive in time"):
        await asyncio.wait_for(read_body(receive, {}, 100, room=room, within_s=0.05), 5)


async def test_what_is_too_large_is_thrown_away_for_no_longer_than_that(room: Room) -> None:
    with pytest.raises(BodyTooLarge):
        await asyncio.wait_for(read_body(_never, {b"content-length": b"500"}, 100, room=room, within_s=0.05), 5)


def pieces(count: int) -> Receive:
    """A body of so many mebibytes."""
    left = count

    async def receive() -> dict[str, Any]:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": bytes(1024 * 1024), "more_body": left > 0}

    return receive


async def test_large_bodies_have_so_much_room_together_and_each_alone_finds_it() -> None:
    first, second, third = Room(), Room(), Room()
    await read_body(pieces(300), {}, 2**30, room=first)

    with pytest.raises(GatewayFull):
        await read_body(pieces(3), {}, 2**30, room=second)
    small = await read_body(pieces(1), {}, 2**30, room=second)
    first.give_back()
    await read_body(pieces(3), {}, 2**30, room=third)
    third.give_back()

    assert len(small) == 1024 * 1024
    assert Room.taken_bytes == 0


@pytest.mark.django_db(transaction=True)
async def test_who_goes_away_in_a_body_leaves_its_room(program: Program) -> None:
    address = urlsplit(program.url)
    _reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = (
        f"POST /v1/audio/transcriptions HTTP/1.1\r\nAuthorization: Bearer {program.key}\r\nContent-Length: 9000000\r\n"
    )

    writer.write(head.encode() + b"\r\n" + bytes(1_000_000))
    await until(lambda: Room.taken_bytes > 0)
    writer.close()
    await until(lambda: Room.taken_bytes == 0)
