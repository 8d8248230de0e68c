"""A program that sends its request slowly, or never, holds nothing for long."""

import asyncio
from typing import Any

import pytest

from apps.gateway.errors import BodyTooLarge, MalformedBody
from apps.gateway.reading import read_body


async def _never() -> dict[str, Any]:
    await asyncio.Event().wait()
    return {}


async def test_a_body_that_never_begins_is_not_waited_for() -> None:
    with pytest.raises(MalformedBody, match="did not arrive in time"):
        await asyncio.wait_for(read_body(_never, {b"content-length": b"5"}, 100, within_s=0.05), 5)


async def test_a_body_that_stops_is_not_waited_for() -> None:
    parts = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> dict[str, Any]:
        return parts.pop() if parts else await _never()

    with pytest.raises(MalformedBody, match="did not arrive in time"):
        await asyncio.wait_for(read_body(receive, {}, 100, within_s=0.05), 5)


async def test_what_is_too_large_is_thrown_away_for_no_longer_than_that() -> None:
    with pytest.raises(BodyTooLarge):
        await asyncio.wait_for(read_body(_never, {b"content-length": b"500"}, 100, within_s=0.05), 5)
