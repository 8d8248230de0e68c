"""Which of the servers that have a model is asked first, and why: a pure rule over what is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from math import inf, log

from apps.inference.contracts import Capability

# A server may have this many more calls under way than its share before a conversation leaves it: reading
# a long beginning again costs more than waiting for a short answer does.
_SHARE_SLACK = 1.25
_CALL_SLACK = 1
# "Slower" is what a person notices: twice the time of the fastest and a fifth of a second more.
_SLOWER_TIMES = 2.0
_SLOWER_S = 0.2
_RANGE = (1 << 64) + 1
_MASK = (1 << 64) - 1
# How far a server is from a conversation: by weighted rendezvous hashing each wins in proportion to its weight, and
# one that goes away moves only what was its own. Source: Schindelhauer and Schomaker, "Weighted distributed hash
# tables", SPAA 2005; the factor is splitmix64's.
_MIX = 0xBF58476D1CE4E5B9


class Standing(StrEnum):
    """Whether a server may be asked, from the best to the worst."""

    USABLE = "usable"
    TRIED = "tried"
    RATE_LIMITED = "rate_limited"
    BROKEN = "broken"
    OFFLINE = "offline"
    MODEL_GONE = "model_gone"
    REFUSED = "refused"


_USABLE = Standing.USABLE
_WORSE = {standing: number for number, standing in enumerate(Standing)}


class Why(StrEnum):
    """What made a server the first, or kept one from being it."""

    ONLY = "only"
    CAPABLE = "capable"
    FITS = "fits"
    LEAST_BAD = "least_bad"
    OTHERS_OUT = "others_out"
    OTHERS_BUSY = "others_busy"
    PRIORITY = "priority"
    WEIGHT = "weight"
    STEADY = "steady"
    LOADED = "loaded"
    FREE = "free"
    AFFINITY = "affinity"
    LATENCY = "latency"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Need:
    """What a call asks of a server.

    `tokens` is how much it must read and write; `affinity` names what shares a beginning (a
    conversation), empty for none.
    """

    capabilities: frozenset[Capability] = frozenset()
    tokens: int = 0
    affinity: str = ""


@dataclass(slots=True)
class Candidate:
    """One server that has the model, and what is known of it now.

    `number` is its own, the same in every process. `free_at` is when one that is out may be
    asked again. `in_flight` counts the calls of all processes.
    """

    name: str
    number: int
    capabilities: frozenset[Capability]
    context_length: int
    priority: int = 10
    weight: int = 10
    is_loaded: bool = False
    in_flight: int = 0
    first_token_s: float | None = None
    standing: Standing = Standing.USABLE
    free_at: float = 0.0
    is_busy: bool = False
    is_shaky: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the first is the first; `name` is the server it speaks of, `left_out` those that cannot be asked now."""

    why: Why
    name: str
    left_out: tuple[tuple[str, Standing], ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """The candidates' places in the order they are to be asked, and why the first is the first."""

    places: tuple[int, ...]
    reason: Reason | None


def rank(candidates: Sequence[Candidate], need: Need, draw: int) -> Order:
    """This will order the servers: fit for the call, not out, by priority, loaded, least at work, near and quick.

    `draw` is a number by chance, which shares calls without affinity by weight. None is ever left
    out of the order: if all are out, the one that is out least comes first.
    """
    if not candidates:
        return Order((), None)
    scale = _scale(candidates, need, draw)
    keyed = sorted([_key(each, place, scale) for place, each in enumerate(candidates)])
    places = tuple([key[-1] for key in keyed])
    return Order(places, _reason(candidates, keyed, scale))


@dataclass(slots=True)
class _Scale:
    """What the candidates of one call are measured by."""

    capabilities: frozenset[Capability]
    tokens: int
    draw: int
    is_near: bool
    bound: float
    slow_s: float


_OUT_STEPS = 8
_INCAPABLE = 1 << 50
_Key = tuple[int, float, int, float, bool, float, int]


def _scale(candidates: Sequence[Candidate], need: Need, draw: int) -> _Scale:
    total = weight = 0
    fastest = inf
    for each in candidates:
        if each.standing is _USABLE:
            total += each.in_flight
            weight += each.weight
            if each.first_token_s is not None and each.first_token_s < fastest:
                fastest = each.first_token_s
    return _Scale(
        need.capabilities,
        need.tokens,
        _number_of(need.affinity) if need.affinity else draw,
        bool(need.affinity),
        _SHARE_SLACK * (total + 1) / (weight or 1),
        max(fastest * _SLOWER_TIMES, fastest + _SLOWER_S),
    )


def _key(each: Candidate, place: int, scale: _Scale) -> _Key:
    """Smaller is better. Ints hold several criteria each, since most calls compare many equals."""
    weight = each.weight or 1
    load = each.in_flight / weight
    is_near = scale.is_near
    if is_near and each.in_flight <= scale.bound * weight + _CALL_SLACK:
        load = 0.0
    # What is no fit for a call counts more than any shortage of context, and that more than being out.
    missing = scale.tokens - each.context_length
    misfit = missing * _OUT_STEPS if missing > 0 else 0
    if not each.capabilities >= scale.capabilities:
        misfit += _INCAPABLE
    free_at = 0.0
    if each.standing is not _USABLE:
        misfit += _WORSE[each.standing]
        free_at = each.free_at
    mixed = scale.draw ^ each.number
    mixed = ((mixed ^ (mixed >> 32)) * _MIX) & _MASK
    return (
        misfit,
        free_at,
        (((each.is_busy << 32 | each.priority) << 1 | (not each.weight)) << 1 | each.is_shaky) << 1
        | (not each.is_loaded),
        load,
        not is_near and each.first_token_s is not None and each.first_token_s > scale.slow_s,
        -log((mixed + 1) / _RANGE) / weight,
        place,
    )


def _number_of(affinity: str) -> int:
    return int.from_bytes(blake2b(affinity.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _reason(candidates: Sequence[Candidate], keyed: list[_Key], scale: _Scale) -> Reason:
    """Compare the first with the second: what differs first is why."""
    first = candidates[keyed[0][-1]]
    out = tuple([(each.name, each.standing) for each in candidates if each.standing is not _USABLE])
    if len(keyed) == 1:
        why = Why.ONLY
    elif first.standing is not Standing.USABLE:
        why = Why.LEAST_BAD
    else:
        why = _difference(first, candidates[keyed[1][-1]], keyed, scale)
    return Reason(why, first.name, out)


def _difference(first: Candidate, second: Candidate, keyed: list[_Key], scale: _Scale) -> Why:
    key, next_key = keyed[0], keyed[1]
    if key[:3] == next_key[:3]:
        return _small_difference(keyed, is_near=scale.is_near)
    if key[0] == next_key[0]:
        return _demerit(first, second)
    if (first.capabilities >= scale.capabilities) != (second.capabilities >= scale.capabilities):
        return Why.CAPABLE
    if min(scale.tokens, first.context_length) != min(scale.tokens, second.context_length):
        return Why.FITS
    return Why.OTHERS_OUT


def _demerit(first: Candidate, second: Candidate) -> Why:
    pairs = (
        (Why.OTHERS_BUSY, first.is_busy, second.is_busy),
        (Why.PRIORITY, first.priority, second.priority),
        (Why.WEIGHT, bool(first.weight), bool(second.weight)),
        (Why.STEADY, first.is_shaky, second.is_shaky),
    )
    return next((why for why, ours, theirs in pairs if ours != theirs), Why.LOADED)


def _small_difference(keyed: list[_Key], *, is_near: bool) -> Why:
    key, next_key = keyed[0], keyed[1]
    if key[3] != next_key[3]:
        return Why.FREE
    if not is_near:
        return Why.LATENCY if key[4] != next_key[4] else Why.SHARE
    equals = [other[5] for other in keyed if other[2] == key[2] and other[0] == key[0]]
    return Why.AFFINITY if key[5] == min(equals) else Why.FREE
