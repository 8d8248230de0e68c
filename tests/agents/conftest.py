"""What tests of the run engine stand on."""

import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import redis
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.db import connections
from pytest_django import Settings
from redis import asyncio as aioredis

from apps.agents.following import close_hub
from apps.agents.hosts import _hosts, register_host
from olympus.kernel.valkey import async_valkey
from tests.inference.conftest import in_background  # noqa: F401 - a fixture
from tests.support.engine import HOST, MemoryHost


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def host() -> Iterator[MemoryHost]:
    """A host registered for the test."""
    made = MemoryHost()
    register_host(HOST, made)
    yield made
    _hosts.pop(HOST)


@pytest.fixture
def store() -> Iterator[redis.Redis]:
    """The test run's own Valkey, left empty."""
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


@pytest.fixture
async def async_store(store: redis.Redis) -> AsyncIterator[aioredis.Redis]:
    """The same for an event loop."""
    client = async_valkey()
    yield client
    await client.aclose()


@pytest.fixture
async def tidy() -> AsyncIterator[None]:
    """Close what the loop's hub and its threads opened."""
    yield
    await close_hub()
    await sync_to_async(connections.close_all)()


def eventually(is_so: Callable[[], bool], timeout_s: float = 15.0) -> None:
    """Wait until something is so; fail if it never is."""
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.01)
