"""Waiting, bounded, for what clients and the stack come to."""

import asyncio
from collections.abc import Callable, Sequence

from tests.doubles.texts import expected_text
from tests.support.socket import Turn


async def until(is_so: Callable[[], object], complaint: str, *, timeout_s: float = 30.0, step_s: float = 0.05) -> None:
    """This will wait until something is so, asking in a thread since it may block."""
    end = asyncio.get_running_loop().time() + timeout_s
    while not await asyncio.to_thread(is_so):
        assert asyncio.get_running_loop().time() < end, complaint
        await asyncio.sleep(step_s)


async def until_streaming(turns: Sequence[Turn], *, characters: int = 100) -> None:
    """This will wait until every turn's answer has begun."""

    def has_begun(turn: Turn) -> bool:
        return turn.run is not None and len(turn.run.text) >= characters

    await until(lambda: all(map(has_begun, turns)), "an answer did not begin")


async def until_over(turns: Sequence[Turn], *, timeout_s: float = 60.0) -> None:
    """This will wait until the client has heard every turn's end."""
    await until(lambda: all(turn.over.is_set() for turn in turns), "an answer never ended", timeout_s=timeout_s)


def is_begun_well(turn: Turn, tokens: int) -> bool:
    """This will tell whether what the client holds is a prefix of what the model server sends, and nothing was odd."""
    assert turn.run is not None
    assert turn.run.complaints == []
    return expected_text(turn.text, tokens).startswith(turn.run.text)


def is_whole(turn: Turn, tokens: int) -> bool:
    """This will tell whether the client holds exactly the model server's whole answer."""
    assert turn.run is not None
    assert turn.run.complaints == []
    return turn.run.text == expected_text(turn.text, tokens)
