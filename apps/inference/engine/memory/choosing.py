"""Which models get memory: the least of it for no more cold starts than a fixed time would bring.

Each choice for a model has a price in memory and in cold starts (pricing.py). Beginning with what needs the least
memory, the step that spares the most waiting a byte is taken, whosever model it is, until cold starts are few enough.
Source: Everett, 1963 (one rate of exchange for all).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from apps.inference.engine.memory.history import Keeping, Use, Uses
from apps.inference.engine.memory.pricing import front_of

# Fewer pauses tell too little: Ollama's own time stands.
KNOWN_GAPS = 8
# What is aimed at beside a fixed time's cold starts: the past flatters what was fitted to it.
_SHARE = 0.95
# How far too many of them lately tighten the aim: the last ones are bought dearly.
_LEAST_SHARE = 0.8
# Differences below this count are chance, not a tendency.
_CHANCE = 50.0


@dataclass(frozen=True, slots=True)
class _Step:
    """The way from one choice for a model to the next: the cold starts it spares a second, and its worth a byte.

    A cold start counts by itself, and once more by how long the model takes to load.
    """

    model: str
    keeping: Keeping
    cold: float
    worth: float


def choose(uses: Uses, now: float) -> None:
    """This will set the keeping of every model that is known well enough; the others have none."""
    known: dict[str, Use] = {}
    for name, use in uses.models.items():
        if use.is_changed and len(use.gaps) >= KNOWN_GAPS:
            use.front = front_of([gap for _, gap in use.gaps], use.load_s)
        use.is_changed = False
        if use.front:
            known[name] = use
    rates = {name: 1 / max(now - use.gaps[0][0] + use.gaps[0][1], 1.0) for name, use in known.items()}
    fixed_cold = {name: use.fixed_cold * rates[name] for name, use in known.items()}
    cold = sum(use.front[0].cold * rates[name] for name, use in known.items())
    allowed = aim(uses) * sum(fixed_cold.values())
    mean_load_s = sum(each * known[name].load_s for name, each in fixed_cold.items()) / (sum(fixed_cold.values()) or 1)
    for use in known.values():
        use.keeping = use.front[0].keeping
    for step in sorted(_steps(known, rates, mean_load_s), key=lambda step: step.worth, reverse=True):
        if cold <= allowed:
            break
        known[step.model].keeping = step.keeping
        cold -= step.cold


def aim(uses: Uses) -> float:
    """This will tell which share of a fixed time's cold starts to aim at: fewer where lately there were too many."""
    missed = (uses.cold - uses.fixed_cold) / max(uses.fixed_cold, _CHANCE)
    return min(max(_SHARE - missed, _LEAST_SHARE), 1.0)


def _steps(known: Mapping[str, Use], rates: Mapping[str, float], mean_load_s: float) -> list[_Step]:
    """All steps; along one model's front they are worth ever less, so that sorting keeps them in order."""
    steps = []
    for name, use in known.items():
        size, weight = max(use.size_bytes, 1), 1 + use.load_s / max(mean_load_s, 1.0)
        for before, after in pairwise(use.front):
            cold, byte_s = before.cold - after.cold, (after.memory_s - before.memory_s) * size
            steps.append(_Step(name, after.keeping, cold * rates[name], cold * weight / byte_s))
    return steps
