"""Counting requests in Valkey: one round trip for all subjects of a request, and for all requests that wait at once."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

import redis
from django.conf import settings

from apps.accounts.contracts import RateClassName, RateState, RateSubjects
from apps.accounts.rates.classes import DEFAULTS, Limit, limit_of
from apps.accounts.rates.meanwhile import Meanwhile
from olympus.kernel.metrics import note_rate_refusal
from olympus.kernel.pipelining import Script, valkey_pipe

logger = logging.getLogger(__name__)

POLICY_KEY = "rates:policy"
# A tightening that nobody renews ends: the worker that would relax it may be gone.
_TIGHTENING_S = 60.0
# No request waits longer than this for its count, and after that none asks for a while.
_TIMEOUT_S = 0.5
_PAUSE_S = 3.0
# Requests decided by one script: Valkey serves nobody else meanwhile, and each takes some 10 microseconds.
_MOST_AT_ONCE = 100
_OWN_CLOCK = ""  # Valkey's: those of several machines differ
_FALLEN_OVER = (redis.RedisError, OSError)
_SCRIPT = Script((Path(__file__).parent / "count.lua").read_text())

meanwhile = Meanwhile()
_down_until = 0.0


def count(asked: RateSubjects) -> RateState:
    """This will count a request or refuse it, from a thread; it never fails."""
    return _noted(_count(asked))


def _count(asked: RateSubjects) -> RateState:
    if monotonic() >= _down_until:
        try:
            answers = _script()(*_call([asked]))
        except _FALLEN_OVER as error:
            _rest(error)
        else:
            return _state(asked, answers[0])
    return meanwhile.count(asked)


async def count_async(asked: RateSubjects) -> RateState:
    """This will count a request or refuse it, on an event loop; it never fails."""
    loop = asyncio.get_running_loop()
    counter = _counters.get(loop)
    if counter is None:
        counter = _counters[loop] = _Counter()
    return _noted(await counter.count(asked))


def publish_limits(limits: Mapping[RateClassName, Limit]) -> None:
    """This will make the limits hold in all processes; a class that is left out has its default."""
    fields: dict[Any, Any] = {name.value: limits.get(name, default).encoded() for name, default in DEFAULTS.items()}
    valkey_for_rates().hset(POLICY_KEY, mapping=fields)


def publish_factor(factor: float, *, now: float) -> None:
    """This will tighten the limits in all processes, for a minute; `now` in seconds since 1970."""
    fields: dict[Any, Any] = {"factor": f"{factor:.4f}", "until": int((now + _TIGHTENING_S) * 1000)}
    valkey_for_rates().hset(POLICY_KEY, mapping=fields)


def factor_now(*, now: float) -> float:
    """This will tell how much the limits are tightened; 1 for not at all, also when Valkey does not answer."""
    try:
        factor, until = valkey_for_rates().hmget(POLICY_KEY, "factor", "until")
    except _FALLEN_OVER:
        return 1.0
    return float(factor) if factor and until and float(until) > now * 1000 else 1.0


@cache
def valkey_for_rates() -> redis.Redis:
    """This will give the process's blocking client, more impatient than the others."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)


@cache
def _script() -> Any:
    return valkey_for_rates().register_script(_SCRIPT.text)


class _Counter:
    """One loop's requests: those that come while Valkey is being asked go together in the next question."""

    def __init__(self) -> None:
        self._waiting: list[tuple[RateSubjects, asyncio.Future[RateState]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def count(self, asked: RateSubjects) -> RateState:
        if monotonic() < _down_until:
            return meanwhile.count(asked)
        future: asyncio.Future[RateState] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_until_none_waits())
        return await future

    async def _ask_until_none_waits(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
            states: list[RateState] = []
            try:
                states = await self._ask([asked for asked, _ in batch])
            finally:
                # Also if that broke or the loop ends: nobody is left waiting at a door.
                states = states or [meanwhile.count(asked) for asked, _ in batch]
                for (_, future), state in zip(batch, states, strict=True):
                    if not future.done():
                        future.set_result(state)

    async def _ask(self, batch: list[RateSubjects]) -> list[RateState]:
        if monotonic() >= _down_until:
            try:
                answers = await valkey_pipe().run(_SCRIPT, *_call(batch))
            except _FALLEN_OVER as error:
                _rest(error)
            else:
                return [_state(asked, answer) for asked, answer in zip(batch, answers, strict=True)]
        return [meanwhile.count(asked) for asked in batch]


_counters: "WeakKeyDictionary[asyncio.AbstractEventLoop, _Counter]" = WeakKeyDictionary()


def _call(batch: list[RateSubjects]) -> tuple[list[str], list[str]]:
    """The script's KEYS and ARGV."""
    keys, arguments = [POLICY_KEY], [_OWN_CLOCK]
    for asked in batch:
        default = DEFAULTS[asked.rate_class]
        keys += [f"rates:{name}" for name in asked.names]
        arguments += [asked.rate_class.value, *default.encoded().split(), str(len(asked.names))]
    return keys, arguments


def _state(asked: RateSubjects, answer: Sequence[int]) -> RateState:
    is_allowed, limit, window_s, remaining, reset_ms = answer
    meanwhile.heard(asked.rate_class, limit_of(limit, window_s))
    if limit < 0:
        return RateState(asked.rate_class)
    return RateState(asked.rate_class, bool(is_allowed), limit, window_s, remaining, -(-reset_ms // 1000))


def _noted(state: RateState) -> RateState:
    if not state.is_allowed:
        note_rate_refusal(state.rate_class.value)
    return state


def _rest(error: Exception) -> None:
    global _down_until
    _down_until = monotonic() + _PAUSE_S
    logger.warning("Valkey does not count requests; this process counts by itself meanwhile: %s", error)
