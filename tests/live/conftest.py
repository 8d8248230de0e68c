"""Sockets of the tests leave nothing open behind them."""

from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from apps.agents.following import close_hub


@pytest.fixture(autouse=True)
async def _nothing_left_open() -> AsyncIterator[None]:
    yield
    await close_hub()
    await sync_to_async(connections.close_all)()
