"""Looks at every server in use, cheaply and all at once, and lets all processes know."""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import uuid4

import redis
from django.db import transaction

from apps.inference.addresses import needs_no_lookup
from apps.inference.contracts import ProviderKind
from apps.inference.engine.health import Outcome
from apps.inference.engine.probing import PROBE_TIMEOUTS, Finding, look_at
from apps.inference.engine.wire import Server
from apps.inference.errors import ProviderUnauthorized
from apps.inference.managing.telling import tell_changed
from apps.inference.models import Provider
from apps.inference.pool.exchange import forget_records
from apps.inference.pool.pool import POOL
from apps.inference.pool.sharing import exchange_now, tell_of_change
from apps.inference.selectors import provider_ids, providers_in_use
from olympus.kernel.errors import OlympusError
from olympus.kernel.http import run_alone
from olympus.kernel.valkey import valkey

logger = logging.getLogger(__name__)

# Servers at a time: a round of a hundred dead ones then takes some ten seconds.
_AT_ONCE = 16
# A server nearby is looked at in each round, one far away every third: it may count requests.
_FAR_S = 25.0
_LOCK = "olympus:pool:looking"
# Past the longest round; a worker that died holds it no longer.
_LOCK_S = 60


def look_at_servers() -> int:
    """This will look at the servers whose turn it is; returns how many. One round runs at a time."""
    with _alone() as may_look:
        if not may_look:
            return 0
        exchange_now()
        due = [provider for provider in providers_in_use() if _is_due(provider)]
        if due:
            _note(due, run_alone(lambda: _look(due)))
        _forget_removed()
        exchange_now()
        return len(due)


@contextmanager
def _alone() -> Iterator[bool]:
    """Hold the lock of the round; without Valkey there is nobody to share it with."""
    token = uuid4().hex
    try:
        is_mine = bool(valkey().set(_LOCK, token, nx=True, ex=_LOCK_S))
    except (redis.RedisError, OSError):
        is_mine = True
    try:
        yield is_mine
    finally:
        if is_mine:
            _release(token)


def _release(token: str) -> None:
    try:
        if valkey().get(_LOCK) == token.encode():
            valkey().delete(_LOCK)
    except (redis.RedisError, OSError):
        logger.info("Valkey does not answer; the lock of the round ends by itself")


def _is_due(provider: Provider) -> bool:
    if needs_no_lookup(provider.base_url) or provider.kind == ProviderKind.SCRIPTED:
        return True
    watched = POOL.watched.get(provider.pk)
    return watched is None or POOL.now() - watched.facts.probe.at > _FAR_S


async def _look(providers: Sequence[Provider]) -> list[Finding]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def look(provider: Provider) -> Finding:
        async with gate:
            return await _look_at(provider)

    return await asyncio.gather(*(look(provider) for provider in providers))


async def _look_at(provider: Provider) -> Finding:
    try:
        server = Server(provider.base_url, provider.api_key, PROBE_TIMEOUTS)
    except OlympusError as error:  # the stored key cannot be read
        return Finding(Outcome.REFUSED, ProviderUnauthorized(error.message))
    return await look_at(ProviderKind(provider.kind), server)


def _note(providers: Sequence[Provider], findings: Sequence[Finding]) -> None:
    has_changed = False
    for provider, finding in zip(providers, findings, strict=True):
        POOL.note_probe(provider.pk, finding.outcome, finding.error)
        if finding.loaded is not None:
            has_changed = _store_loaded(provider, finding.loaded) or has_changed
    if has_changed:
        tell_of_change()


def _store_loaded(provider: Provider, loaded: Mapping[str, int | None]) -> bool:
    """Keep which models are in memory, and with which context; True if that is news."""
    if not _is_news(provider.catalog, loaded):
        return False
    with transaction.atomic():
        row = Provider.objects.select_for_update().filter(pk=provider.pk).first()
        if row is None:
            return False
        for entry in row.catalog:
            entry["is_loaded"] = entry["name"] in loaded
            entry["context_length"] = loaded.get(entry["name"]) or entry.get("context_length")
        Provider.objects.filter(pk=row.pk).update(catalog=row.catalog)
        tell_changed(row.organization_id, row.pk)
    return True


def _is_news(catalog: list[dict[str, object]], loaded: Mapping[str, int | None]) -> bool:
    return any(bool(entry.get("is_loaded")) != (entry["name"] in loaded) for entry in catalog)


def _forget_removed() -> None:
    ids = provider_ids()
    with POOL.lock:
        for gone in [key for key in POOL.watched if key is not None and key not in ids]:
            if not POOL.watched[gone].in_flight:
                del POOL.watched[gone]
    try:
        forget_records(valkey(), ids)
    except (redis.RedisError, OSError):
        logger.info("Valkey does not answer; records of removed servers stay until they expire")
