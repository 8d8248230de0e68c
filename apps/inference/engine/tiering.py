"""Which connected models the tiers are, and in what order they are tried for a call."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps.inference.contracts import Capability, TierName
from apps.inference.engine.model_names import is_for_talk, is_special, known_strength, parameters_b

# In billions of parameters: up to 5 a laptop answers at once, beyond 20 a model takes a large GPU to itself.
_MOST_FOR_FAST = 5.0
_MOST_FOR_BALANCED = 20.0
# Weights quantized to four bits, as Ollama has them, take about so many bytes a parameter.
_BYTES_A_PARAMETER = 0.6
_BILLION = 1e9
# What nothing is known of is taken for a model of the middle.
_UNKNOWN_STRENGTH = 10.0
# Further ones are never reached before the neighbors are better.
_MOST_PICKED = 5
# An answer needs room; a context this part full is as good as too small.
_ROOM_TOKENS = 512

TIERS = (TierName.FAST, TierName.BALANCED, TierName.POWERFUL)
# Up where a tier has nobody left: a stronger model answers well, only later. Down where money is short.
_UPWARDS = {
    TierName.FAST: (TierName.BALANCED, TierName.POWERFUL),
    TierName.BALANCED: (TierName.POWERFUL, TierName.FAST),
    TierName.POWERFUL: (TierName.BALANCED, TierName.FAST),
}
_DOWNWARDS = {**_UPWARDS, TierName.BALANCED: (TierName.FAST, TierName.POWERFUL)}
# What a model must have to be of any use to the call, and what it may do without if no model has it.
_CANNOT_DO_WITHOUT = frozenset({Capability.CHAT, Capability.VISION})


class Basis(StrEnum):
    """What a model's strength was told by."""

    PARAMETERS = "parameters"
    NAME = "name"
    SIZE = "size"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """A model that is connected, by whichever servers; what differs between them is the best of them."""

    name: str
    capabilities: frozenset[Capability]
    context_length: int
    size_bytes: int | None = None
    is_loaded: bool = False


@dataclass(frozen=True, slots=True)
class Rating:
    """How strong a model is, as if in billions of parameters, and what tells it."""

    model: Connected
    strength: float
    basis: Basis

    @property
    def tier(self) -> TierName:
        """The tier a model of this strength belongs to."""
        if self.strength <= _MOST_FOR_FAST:
            return TierName.FAST
        return TierName.BALANCED if self.strength <= _MOST_FOR_BALANCED else TierName.POWERFUL


@dataclass(frozen=True, slots=True)
class Need:
    """What a call asks of a model."""

    capabilities: frozenset[Capability] = frozenset({Capability.CHAT})
    token_count: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """Models in the order they are tried, each with its tier, and what had to be left out or given up.

    `too_small` models cannot read all of it. `given_up` no model has, so that it is asked for all the same.
    `reads_less` tells that no model can read all of it, so the ones that read most are tried.
    """

    models: tuple[tuple[str, TierName], ...]
    too_small: tuple[str, ...] = ()
    unable: tuple[str, ...] = ()
    given_up: frozenset[Capability] = frozenset()
    reads_less: bool = False


def rate(model: Connected) -> Rating:
    """This will tell how strong a model is: by the parameters in its name, a known name, or its size."""
    if parameters := parameters_b(model.name):
        return Rating(model, parameters, Basis.PARAMETERS)
    if model.size_bytes:
        return Rating(model, model.size_bytes / _BYTES_A_PARAMETER / _BILLION, Basis.SIZE)
    if known := known_strength(model.name):
        return Rating(model, known, Basis.NAME)
    return Rating(model, _UNKNOWN_STRENGTH, Basis.UNKNOWN)


def pick_tiers(models: Iterable[Connected]) -> dict[TierName, tuple[Rating, ...]]:
    """This will pick each tier's models from what is connected; a tier nobody belongs to gets the nearest.

    Empty for all tiers if no model chats.
    """
    chatting = [model for model in models if Capability.CHAT in model.capabilities]
    ratings = [rate(model) for model in chatting if is_for_talk(model.name)] or [rate(model) for model in chatting]
    picked: dict[TierName, tuple[Rating, ...]] = {}
    for tier in TIERS:
        own = [rating for rating in ratings if rating.tier is tier] or _nearest(ratings, tier)
        picked[tier] = tuple(sorted(own, key=lambda rating: _preference(rating, tier))[:_MOST_PICKED])
    return picked


def _nearest(ratings: Sequence[Rating], tier: TierName) -> list[Rating]:
    """For fast the weakest there is, for powerful the strongest, between them the strongest below or the weakest above."""
    below = [rating for rating in ratings if rating.tier is TierName.FAST]
    is_weakest = tier is TierName.FAST or (tier is TierName.BALANCED and not below)
    among = below if tier is TierName.BALANCED and below else ratings
    edge = (min if is_weakest else max)((rating.strength for rating in among), default=0.0)
    return [rating for rating in among if rating.strength == edge]


def _preference(rating: Rating, tier: TierName) -> tuple[object, ...]:
    """The first is the best: what would have to be loaded first is not fast, what thinks first neither."""
    model = rating.model
    is_late = tier is not TierName.POWERFUL and not model.is_loaded
    is_slow = tier is TierName.FAST and Capability.THINKING in model.capabilities
    # The shorter of two names is the newest, the longer one a dated copy of it.
    return is_special(model.name), is_late, is_slow, -rating.strength, len(model.name), model.name


def lower(tier: TierName) -> TierName:
    """This will name the tier below, or fast again."""
    return TIERS[max(0, TIERS.index(tier) - 1)]


def chain(
    lists: Mapping[TierName, Sequence[str]], tier: TierName, *, is_thrifty: bool = False
) -> list[tuple[str, TierName]]:
    """This will list a tier's models, then its neighbors', each model once."""
    found: dict[str, TierName] = {}
    for one in (tier, *(_DOWNWARDS if is_thrifty else _UPWARDS)[tier]):
        for name in lists.get(one, ()):
            found.setdefault(name, one)
    return list(found.items())


def fit(candidates: Sequence[tuple[str, TierName]], models: Mapping[str, Connected], need: Need) -> Order:
    """This will leave out what cannot do the call; names that are not connected are skipped.

    Without sight a model is of no use to a picture; a tool or a schema is asked for even where no model tells
    that it can. A conversation no model can read whole goes to those that read most.
    """
    there = [(name, tier) for name, tier in candidates if name in models]
    given_up = frozenset(
        capability
        for capability in need.capabilities - _CANNOT_DO_WITHOUT
        if not any(capability in models[name].capabilities for name, _ in there)
    )
    wanted = need.capabilities - given_up
    able = [(name, tier) for name, tier in there if wanted <= models[name].capabilities]
    if not able and wanted - _CANNOT_DO_WITHOUT:
        # Each is there, but not together in one model: sight counts.
        given_up = need.capabilities - _CANNOT_DO_WITHOUT
        able = [(n, t) for n, t in there if need.capabilities & _CANNOT_DO_WITHOUT <= models[n].capabilities]
    kept = {name for name, _ in able}
    unable = tuple(name for name, _ in there if name not in kept)
    reading = [(name, tier) for name, tier in able if _reads(models[name], need.token_count)]
    too_small = tuple(name for name, _ in able if not _reads(models[name], need.token_count))
    if reading or not able:
        return Order(tuple(reading), too_small, unable, given_up)
    by_length = sorted(able, key=lambda pair: -models[pair[0]].context_length)
    return Order(tuple(by_length), (), unable, given_up, reads_less=True)


def _reads(model: Connected, token_count: int) -> bool:
    return token_count + min(_ROOM_TOKENS, model.context_length // 4) <= model.context_length
