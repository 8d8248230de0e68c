"""One exchange with the other processes through Valkey: what they learned comes in, what this one learned goes out."""

import logging
import os
from typing import cast
from uuid import UUID, uuid4

import msgspec
import redis

from apps.inference.pool.pool import Pool
from apps.inference.pool.records import SAME_S, Record, decode, encode, records_of, take_in, times_in
from apps.inference.pool.snapshots import confirm_backends, forget_backends

logger = logging.getLogger(__name__)

FACTS = "olympus:pool:facts"
LOADS = "olympus:pool:loads"
VERSION = "olympus:pool:version"
# A process that has said nothing for this long is gone, and its calls with it.
_SILENT_S = 5.0
# What nobody renews is of servers long removed.
_KEPT_S = 24 * 3600
# Clocks that are further apart than before were set.
_CLOCKS_DRIFT_S = 1.0
# The built-in engine has no id; a record needs a name.
_BUILTIN = "-"


class Exchange:
    """One process's side of the exchange."""

    def __init__(self, pool: Pool, client: "redis.Redis") -> None:
        self._pool = pool
        self._valkey = client
        self._process = f"{os.getpid()}-{uuid4().hex[:8]}"
        self._offset_s: float | None = None
        self._version: bytes | None = None

    def run(self) -> None:
        """This will take in what is new, and tell what is.

        Raises:
            redis.RedisError, OSError: Valkey does not answer; nothing was lost.
        """
        pipeline = self._valkey.pipeline(transaction=False)
        pipeline.time()
        pipeline.get(VERSION)
        pipeline.hgetall(FACTS)
        pipeline.hgetall(LOADS)
        before = self._pool.now()
        (seconds, microseconds), version, facts, loads = pipeline.execute()
        offset_s = self._offset(seconds + microseconds / 1e6 - before)
        self._note_version(version)
        known = self._take_in(facts, offset_s)
        silent = self._count_elsewhere(loads, before + offset_s)
        self._tell(known, offset_s, silent)

    def _offset(self, measured_s: float) -> float:
        """How far Valkey's clock is ahead: kept the same, so that a record that comes back is known as one's own."""
        if self._offset_s is None or abs(measured_s - self._offset_s) > _CLOCKS_DRIFT_S:
            self._offset_s = measured_s
        return self._offset_s

    def _note_version(self, version: bytes | None) -> None:
        if version == self._version:
            confirm_backends()
        else:
            self._version = version
            forget_backends()

    def _take_in(self, stored: dict[bytes, bytes], offset_s: float) -> dict[str, float]:
        """Learn from the records; returns when each was last changed."""
        now = self._pool.now()
        known: dict[str, float] = {}
        unreadable: list[bytes] = []
        with self._pool.lock:
            for field, raw in stored.items():
                place, _, part = field.decode("utf-8", "replace").partition("/")
                try:
                    record = decode(raw, offset_s, times_in(part))
                    watched = self._pool.watch(_provider_of(place))
                    if take_in(watched.facts, part, record, now):
                        watched.look_again(now)
                    known[f"{place}/{part}"] = float(record[0])
                except (ValueError, TypeError, IndexError):
                    unreadable.append(field)
        if unreadable:
            logger.warning("%s records of the pool are unreadable and removed", len(unreadable))
            self._valkey.hdel(FACTS, *unreadable)
        return known

    def _count_elsewhere(self, loads: dict[bytes, bytes], server_now: float) -> list[bytes]:
        """Add up the calls under way in the other processes; returns those that fell silent."""
        counts: dict[UUID | None, int] = {}
        silent = []
        for process, raw in loads.items():
            if process.decode() == self._process:
                continue
            try:
                at, of_servers = msgspec.json.decode(raw, type=tuple[float, dict[str, int]])
                if server_now - at > _SILENT_S:
                    silent.append(process)
                    continue
                for place, count in of_servers.items():
                    counts[_provider_of(place)] = counts.get(_provider_of(place), 0) + max(0, count)
            except ValueError:
                silent.append(process)
        with self._pool.lock:
            for provider_id in counts:
                self._pool.watch(provider_id)
            for provider_id, watched in self._pool.watched.items():
                watched.elsewhere = counts.get(provider_id, 0)
        return silent

    def _tell(self, known: dict[str, float], offset_s: float, silent: list[bytes]) -> None:
        with self._pool.lock:
            news = self._news(known)
            loads = {_place_of(key): each.in_flight for key, each in self._pool.watched.items() if each.in_flight}
        pipeline = self._valkey.pipeline(transaction=False)
        if news:
            pipeline.hset(
                FACTS,
                mapping={
                    field: encode(record, offset_s, times_in(field.partition("/")[2])) for field, record in news.items()
                },
            )
            pipeline.expire(FACTS, _KEPT_S)
        pipeline.hset(LOADS, self._process, msgspec.json.encode((self._pool.now() + offset_s, loads)))
        pipeline.expire(LOADS, _KEPT_S)
        if silent:
            pipeline.hdel(LOADS, *silent)
        pipeline.execute()

    def _news(self, known: dict[str, float]) -> dict[str, Record]:
        """What the store does not know, or no longer: it may have been flushed."""
        parts = [
            (f"{_place_of(provider_id)}/{part}", record)
            for provider_id, watched in self._pool.watched.items()
            for part, record in records_of(watched.facts)
        ]
        return {field: record for field, record in parts if record[0] > known.get(field, 0.0) + SAME_S}


def forget_records(client: "redis.Redis", provider_ids: set[UUID]) -> None:
    """This will remove the records of servers that are none of these: nobody will ask them again."""
    known = {_place_of(provider_id) for provider_id in provider_ids} | {_BUILTIN}
    fields = cast("list[bytes]", client.hkeys(FACTS))
    gone = [field for field in fields if field.decode("utf-8", "replace").partition("/")[0] not in known]
    if gone:
        client.hdel(FACTS, *gone)


def _place_of(provider_id: UUID | None) -> str:
    return provider_id.hex if provider_id else _BUILTIN


def _provider_of(place: str) -> UUID | None:
    return None if place == _BUILTIN else UUID(place)
