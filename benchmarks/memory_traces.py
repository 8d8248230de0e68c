"""Requests over days as generators make them from a seed: who asks which model when, and how big the models are."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

GB = 1_000_000_000
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
# Models as people have them, in GB: from a small embedder to 70 billion parameters in four bits.
_SIZES_GB = (0.7, 1.3, 2.0, 4.7, 4.9, 9.0, 14.0, 20.0, 43.0)
# A good SSD and the start of a runner.
_READ_GB_S, _START_S = 1.2, 1.5


@dataclass(frozen=True, slots=True)
class Call:
    """One request: when it comes, and how long its answer takes once the model is there."""

    at: float
    model: str
    took_s: float


@dataclass(frozen=True, slots=True)
class Trace:
    """Calls in the order they come, and the models they ask."""

    name: str
    calls: list[Call]
    sizes: dict[str, int]
    load_s: dict[str, float]
    capacity: float
    length_s: float


Generator = Callable[[random.Random, list[str], float], Iterator[Call]]


def bursty(chance: random.Random, models: list[str], length_s: float) -> Iterator[Call]:
    """This will have a person or a program talk to a model for a while, then leave it for hours."""
    for model in models:
        pause_s, think_s = chance.uniform(0.7, 5) * HOUR_S, 2 * 30 ** chance.random()
        at = chance.expovariate(1 / pause_s)
        while at < length_s:
            for _ in range(chance.randint(3, 30)):
                yield Call(at, model, chance.uniform(2, 20))
                at += 5 + chance.lognormvariate(0, 0.8) * think_s
            at += chance.expovariate(1 / pause_s)


def periodic(chance: random.Random, models: list[str], length_s: float) -> Iterator[Call]:
    """This will have jobs ask a few questions at a time of the clock, more or less."""
    for model in models:
        every_s = chance.choice([300, 600, 900, 1200, 1800, 3600, 7200])
        jitter_s, count = every_s * chance.uniform(0, 0.06), chance.randint(1, 4)
        at = chance.uniform(0, every_s)
        while at < length_s:
            start = max(at + chance.gauss(0, 1) * jitter_s, 0.0)
            for nth in range(count):
                yield Call(start + nth * 8, model, chance.uniform(1, 6))
            at += every_s


def zipf(chance: random.Random, models: list[str], length_s: float) -> Iterator[Call]:
    """This will have one model asked the most, the next half as often, and so on; nobody waits for anybody."""
    weights = [1 / (nth + 1) ** 1.1 for nth in range(len(models))]
    at = 0.0
    while (at := at + chance.expovariate(1 / 75)) < length_s:
        yield Call(at, chance.choices(models, weights)[0], chance.uniform(2, 20))


def diurnal(chance: random.Random, models: list[str], length_s: float) -> Iterator[Call]:
    """This will have offices by day, jobs by night, and a trickle at all hours."""
    people, jobs, rest = models[:4], models[4:7], models[7:]
    for call in bursty(chance, people, length_s):
        if 8 <= call.at % DAY_S / HOUR_S < 19:
            yield call
    for call in periodic(chance, jobs, length_s):
        if not 7 <= call.at % DAY_S / HOUR_S < 20:
            yield call
    at = 0.0
    while (at := at + chance.expovariate(1 / 400)) < length_s:
        yield Call(at, chance.choice(rest), chance.uniform(2, 20))


def shifting(chance: random.Random, models: list[str], length_s: float) -> Iterator[Call]:
    """This will have each model in use for half a day, then another one in its place."""
    for nth, model in enumerate(models):
        begin, end = nth * length_s / (len(models) + 1), (nth + 2) * length_s / (len(models) + 1)
        at, pause_s = begin, chance.uniform(60, 1500)
        while (at := at + chance.expovariate(1 / pause_s)) < end:
            yield Call(at, model, chance.uniform(2, 20))


def agents(chance: random.Random, models: list[str], length_s: float) -> Iterator[Call]:
    """This will have programs call several models by turns for minutes, then nothing for long: heavy tails throughout."""
    at = 0.0
    while (at := at + min(chance.paretovariate(1.1) * 300, 12 * HOUR_S)) < length_s:
        team = chance.sample(models, 3)
        for nth in range(min(int(chance.paretovariate(1.2) * 4), 200)):
            yield Call(at, team[nth % 3], chance.uniform(1, 10))
            at += min(chance.paretovariate(1.5) * 4, 600)


GENERATORS: dict[str, tuple[Generator, int]] = {
    "bursty": (bursty, 10), "periodic": (periodic, 10), "zipf": (zipf, 16), "diurnal": (diurnal, 11),
}  # fmt: skip
# The policy was made without looking at these.
HOLD_OUT: dict[str, tuple[Generator, int]] = {"shifting": (shifting, 8), "agents": (agents, 12)}
# Seeds the policy was made with.
SEEN_SEEDS = range(10)


def trace(name: str, seed: int, *, days: float = 3.0) -> Trace:
    """This will make a trace; the same name, seed and length make the same one."""
    chance = random.Random(f"{name} {seed}")
    generator, count = (GENERATORS | HOLD_OUT)[name]
    models = [f"model-{nth}:latest" for nth in range(count)]
    sizes = {model: int(chance.choice(_SIZES_GB) * GB) for model in models}
    load_s = {model: _START_S + size / GB / _READ_GB_S for model, size in sizes.items()}
    calls = sorted(generator(chance, models, days * DAY_S), key=lambda call: call.at)
    return Trace(name, calls, sizes, load_s, 96.0 * GB, days * DAY_S)
