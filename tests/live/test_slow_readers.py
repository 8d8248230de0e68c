"""A socket whose other end stops reading: it is let go of, and holds no memory meanwhile."""

import asyncio
from typing import Any

import pytest

from olympus.live.socket import LiveSocket
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)


class Deaf:
    """The transport of a client that keeps the line up and reads nothing."""

    def __init__(self) -> None:
        self.is_waited_for = asyncio.Event()
        self.nothing = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.nothing.wait()
        return {"type": "websocket.disconnect"}

    async def send(self, _: dict[str, Any]) -> None:
        self.is_waited_for.set()
        await self.nothing.wait()


async def test_a_socket_that_reads_nothing_is_closed(owner: Someone) -> None:
    line, is_told = Deaf(), asyncio.Event()
    socket = LiveSocket({"headers": []}, line.receive, line.send, owner.actor)
    socket.at_close(is_told.set)
    serving = asyncio.create_task(socket.serve())
    await asyncio.wait_for(line.is_waited_for.wait(), 10)

    for _ in range(20):
        socket.send_soon("x" * 1_000_000)

    await asyncio.wait_for(serving, 10)
    assert is_told.is_set()
    assert not socket._unsent
