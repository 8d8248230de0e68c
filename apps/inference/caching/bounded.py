"""Things kept in Valkey for a while, never more bytes than agreed: what ends first goes first."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic, time
from typing import cast
from uuid import UUID

import redis

from olympus.kernel.pipelining import Script, valkey_pipe
from olympus.kernel.valkey import valkey

logger = logging.getLogger(__name__)

AWAY = (redis.RedisError, OSError)
# A Valkey that hangs costs a whole time-out a call, so it is left alone for a while after a failure.
_PAUSE_S = 3.0
# What an entry costs besides its payload: its key, its places in the index.
_OVERHEAD_BYTES = 400

# All of one call happens at once: what ended and what is too much goes, what is new comes.
# KEYS[1] the store's name; ARGV: now, seconds to keep, most bytes, then member and payload in turn.
_PUT = Script(
    """
local base, now, keep, most = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local ends, sizes, totals = base .. ':ends', base .. ':sizes', base .. ':totals'
local function add(member, count, size)
  local owner = string.sub(member, 1, 32)
  redis.call('HINCRBY', totals, owner .. ':count', count)
  redis.call('HINCRBY', totals, owner .. ':bytes', size)
  redis.call('HINCRBY', totals, 'bytes', size)
end
local function forget(member)
  local size = tonumber(redis.call('HGET', sizes, member) or '0')
  redis.call('ZREM', ends, member)
  redis.call('HDEL', sizes, member)
  redis.call('UNLINK', base .. ':' .. member)
  add(member, -1, -size)
end
for _, member in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 500)) do forget(member) end
for i = 4, #ARGV, 2 do
  local member, payload = ARGV[i], ARGV[i + 1]
  if redis.call('ZSCORE', ends, member) then forget(member) end
  redis.call('SET', base .. ':' .. member, payload, 'EX', keep)
  redis.call('ZADD', ends, now + keep, member)
  redis.call('HSET', sizes, member, #payload + OVERHEAD)
  add(member, 1, #payload + OVERHEAD)
end
while tonumber(redis.call('HGET', totals, 'bytes') or '0') > most do
  local first = redis.call('ZRANGE', ends, 0, 0)[1]
  if not first then redis.call('DEL', totals) break end
  forget(first)
end
""".replace("OVERHEAD", str(_OVERHEAD_BYTES))
)

# KEYS[1] the store's name; ARGV: an organization.
_EMPTY = """
local base, owner = KEYS[1], ARGV[1]
local gone = 0
for _, member in ipairs(redis.call('ZRANGE', base .. ':ends', 0, -1)) do
  if string.sub(member, 1, 32) == owner then
    local size = tonumber(redis.call('HGET', base .. ':sizes', member) or '0')
    redis.call('ZREM', base .. ':ends', member)
    redis.call('HDEL', base .. ':sizes', member)
    redis.call('UNLINK', base .. ':' .. member)
    redis.call('HINCRBY', base .. ':totals', 'bytes', -size)
    gone = gone + 1
  end
end
redis.call('HDEL', base .. ':totals', owner .. ':count', owner .. ':bytes')
return gone
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is kept."""

    entry_count: int = 0
    size_bytes: int = 0


class Availability:
    """Whether Valkey is asked at all; one that failed is left alone for some seconds."""

    def __init__(self) -> None:
        self._down_until = 0.0

    @property
    def is_up(self) -> bool:
        """Whether it may be asked."""
        return monotonic() >= self._down_until

    def failed(self, what: str) -> None:
        """This will leave it alone for a while."""
        self._down_until = monotonic() + _PAUSE_S
        logger.warning("Valkey does not answer; %s", what)


availability = Availability()


class BoundedStore:
    """One store of at most `most_bytes`, shared by all processes. Blocking but for `keep`: call it in a thread.

    A member is an organization's id in 32 hexadecimal digits, a colon, and a digest. Valkey
    being away means that nothing is found and nothing kept; no call raises for it.
    """

    def __init__(self, name: str, *, most_bytes: int) -> None:
        self._name = name
        self._most_bytes = most_bytes
        self._put = valkey().register_script(_PUT.text)
        self._empty = valkey().register_script(_EMPTY)

    def key_of(self, member: str) -> str:
        """This will name the key a member is kept under."""
        return f"{self._name}:{member}"

    def get(self, members: Sequence[str]) -> list[bytes | None]:
        """This will read what is kept, in order."""
        if members and availability.is_up:
            try:
                return cast("list[bytes | None]", valkey().mget([self.key_of(member) for member in members]))
            except AWAY:
                availability.failed("nothing is found in the cache")
        return [None] * len(members)

    def put(self, payloads: Mapping[str, bytes], *, keep_s: int) -> None:
        """This will keep payloads by member; the oldest go where room is short."""
        if not payloads or not availability.is_up:
            return
        try:
            self._put(keys=[self._name], args=self._arguments(payloads, keep_s))
        except AWAY:
            availability.failed("nothing is kept in the cache")

    async def keep(self, member: str, payload: bytes, *, keep_s: int) -> None:
        """This will do what `put` does, on an event loop.

        Raises:
            redis.RedisError, OSError: Valkey is away.
        """
        await valkey_pipe().run(_PUT, [self._name], self._arguments({member: payload}, keep_s))

    def _arguments(self, payloads: Mapping[str, bytes], keep_s: int) -> list[int | str | bytes]:
        pairs = [part for pair in payloads.items() for part in pair]
        return [int(time()), keep_s, self._most_bytes, *pairs]

    def empty(self, organization_id: UUID) -> int:
        """This will forget all of an organization and tell how many that were.

        Raises:
            redis.RedisError, OSError: Valkey is away.
        """
        return int(self._empty(keys=[self._name], args=[organization_id.hex]))

    def size(self, organization_id: UUID) -> Size:
        """This will tell how much of an organization is kept, what ended since the last writing included."""
        if not availability.is_up:
            return Size()
        owner = organization_id.hex
        try:
            counted = valkey().hmget(f"{self._name}:totals", [f"{owner}:count", f"{owner}:bytes"])
        except AWAY:
            availability.failed("the cache cannot be measured")
            return Size()
        count, size_bytes = (max(int(number or 0), 0) for number in counted)
        return Size(count, size_bytes)
