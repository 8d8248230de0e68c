"""Counting requests in Valkey: one round trip for all subjects of a request."""

import logging
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

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
            answers = _script()(*_call(asked))
        except _FALLEN_OVER as error:
            _rest(error)
        else:
            return _state(asked, answers[0])
    return meanwhile.count(asked)


async def count_async(asked: RateSubjects) -> RateState:
    """This will count a request or refuse it, on an event loop; it never fails."""
    return _noted(await _count_async(asked))


async def _count_async(asked: RateSubjects) -> RateState:
    if monotonic() >= _down_until:
        try:
            answers = await valkey_pipe().run(_SCRIPT, *_call(asked))
        except _FALLEN_OVER as error:
            _rest(error)
        else:
            return _state(asked, answers[0])
    return meanwhile.count(asked)


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


def _call(asked: RateSubjects) -> tuple[list[str], list[str]]:
    """The script's KEYS and ARGV; it could decide several requests at once."""
    keys = [POLICY_KEY, *(f"rates:{name}" for name in asked.names)]
    default = DEFAULTS[asked.rate_class].encoded().split()
    return keys, [_OWN_CLOCK, asked.rate_class.value, *default, str(len(asked.names))]


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
