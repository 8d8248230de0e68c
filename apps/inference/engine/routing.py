"""Which of the servers that have a model is asked first, and why: a pure rule over what is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from math import log

from apps.inference.contracts import Capability

# A server may have this many more calls under way than its share before a conversation leaves it: reading
# a long beginning again costs more than waiting for a short answer does.
_SHARE_SLACK = 1.25
_CALL_SLACK = 1
# "Slower" is what a person notices: twice the time of the fastest and a fifth of a second more.
_SLOWER_TIMES = 2.0
_SLOWER_S = 0.2
_MASK = (1 << 64) - 1


class Standing(StrEnum):
    """Whether a server may be asked, from the best to the worst."""

    USABLE = "usable"
    TRIED = "tried"
    RATE_LIMITED = "rate_limited"
    BROKEN = "broken"
    OFFLINE = "offline"
    MODEL_GONE = "model_gone"
    REFUSED = "refused"


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
    """The candidates' places in the order they are to be asked; the first `usable_count` are fit for it."""

    places: tuple[int, ...]
    usable_count: int
    reason: Reason | None


# Each criterion, in the order they count; the keys of `_key` are in the same order.
_CRITERIA = (
    Why.CAPABLE,
    Why.FITS,
    Why.OTHERS_OUT,
    Why.OTHERS_OUT,
    Why.OTHERS_BUSY,
    Why.PRIORITY,
    Why.WEIGHT,
    Why.STEADY,
    Why.LOADED,
    Why.FREE,
    Why.LATENCY,
    Why.FREE,
    Why.SHARE,
)


def rank(candidates: Sequence[Candidate], need: Need, draw: int) -> Order:
    """This will order the servers: fit for the call, not out, by priority, loaded, least at work, near and quick.

    `draw` is a number by chance, which shares calls without affinity by weight. None is ever left
    out of the order: if all are out, the one that is out least comes first.
    """
    if not candidates:
        return Order((), 0, None)
    key_of = _Key(candidates, need, draw)
    keyed = sorted([(*key_of(candidate), place) for place, candidate in enumerate(candidates)])
    places = tuple([key[-1] for key in keyed])
    usable = sum([1 for key in keyed if not (key[0] or key[1] or key[2])])
    return Order(places, usable, _reason(candidates, places, keyed, is_near=bool(need.affinity)))


class _Key:
    """Makes the sort key of each candidate: smaller is better."""

    __slots__ = ("_bound", "_capabilities", "_draw", "_fastest_s", "_is_near", "_tokens")

    def __init__(self, candidates: Sequence[Candidate], need: Need, draw: int) -> None:
        self._capabilities = need.capabilities
        self._tokens = need.tokens
        self._is_near = bool(need.affinity)
        self._draw = _number_of(need.affinity) if need.affinity else draw
        total = weight = 0
        fastest: float | None = None
        for each in candidates:
            if each.standing is Standing.USABLE:
                total += each.in_flight
                weight += each.weight
                if each.first_token_s is not None and (fastest is None or each.first_token_s < fastest):
                    fastest = each.first_token_s
        self._bound = _SHARE_SLACK * (total + 1) / (weight or 1)
        self._fastest_s = fastest

    def __call__(self, each: Candidate) -> tuple[float, ...]:
        weight = each.weight or 1
        is_crowded = each.in_flight > self._bound * weight + _CALL_SLACK
        near = -_closeness(self._draw, each.number) / weight
        return (
            not each.capabilities >= self._capabilities,
            self._misses(each.context_length),
            _WORSE[each.standing],
            each.free_at if each.standing is not Standing.USABLE else 0.0,
            each.is_busy,
            each.priority,
            each.weight == 0,
            each.is_shaky,
            not each.is_loaded,
            is_crowded if self._is_near else each.in_flight / weight,
            0.0 if self._is_near else self._is_slow(each.first_token_s),
            each.in_flight / weight if self._is_near and is_crowded else 0.0,
            near,
        )

    def _misses(self, context_length: int) -> int:
        """Too short is worse the more is missing."""
        return max(0, self._tokens - context_length)

    def _is_slow(self, first_token_s: float | None) -> bool:
        fastest = self._fastest_s
        if fastest is None or first_token_s is None:
            return False
        return first_token_s > fastest * _SLOWER_TIMES and first_token_s > fastest + _SLOWER_S


def _number_of(affinity: str) -> int:
    return int.from_bytes(blake2b(affinity.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _closeness(draw: int, number: int) -> float:
    """How near a server is to a conversation, for weighted rendezvous hashing.

    The largest of `closeness / -weight` wins: each server is won in proportion to its weight, and one
    that goes away moves only what was its own. Source: Schindelhauer and Schomaker, "Weighted
    distributed hash tables", SPAA 2005; the mixing is splitmix64's.
    """
    mixed = (draw ^ number) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    mixed ^= mixed >> 31
    return log((mixed + 1) / (_MASK + 2))


def _reason(
    candidates: Sequence[Candidate], places: tuple[int, ...], keyed: list[tuple[float, ...]], *, is_near: bool
) -> Reason:
    """Compare the first with the second: what differs first is why."""
    first = candidates[places[0]]
    out = tuple([(each.name, each.standing) for each in candidates if each.standing is not Standing.USABLE])
    if len(candidates) == 1:
        return Reason(Why.ONLY, first.name, out)
    if first.standing is not Standing.USABLE:
        return Reason(Why.LEAST_BAD, first.name, out)
    for why, ours, theirs in zip(_CRITERIA, keyed[0], keyed[1], strict=False):
        if ours != theirs:
            return Reason(Why.AFFINITY if why is Why.SHARE and is_near else why, first.name, out)
    return Reason(Why.SHARE, first.name, out)
