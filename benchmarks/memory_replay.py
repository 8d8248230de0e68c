"""Traces played against the fake Ollama's memory on a clock of their own: fixed five minutes, or the manager's times."""

import heapq
from dataclasses import dataclass

from apps.inference.engine.memory.deciding import Action, Loaded, decide, done, keep_alive_of
from apps.inference.engine.memory.history import Uses
from benchmarks.memory_traces import GB, HOUR_S, Call, Trace
from tests.doubles.ollama_memory import FIXED_S, FOREVER_S, OllamaMemory

# As often as the product's beat task decides.
TICK_S = 10.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What a replay cost: memory held, requests that found their model away, and the time they all waited."""

    gb_hours: float
    cold_starts: int
    waited_s: float

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.gb_hours + other.gb_hours, self.cold_starts + other.cold_starts, self.waited_s + other.waited_s
        )


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Replay:
    """One run of a trace. With `uses` the manager decides every ten seconds and is told of calls only then."""

    def __init__(self, trace: Trace, uses: Uses | None = None) -> None:
        self._trace, self._uses = trace, uses
        self._clock = _Clock()
        self.memory = OllamaMemory(self._clock, trace.sizes, trace.load_s, trace.capacity)
        self._news: list[tuple[float, str, bool]] = []

    def run(self) -> Cost:
        """This will play the trace to its end."""
        ends: list[tuple[float, int, str]] = []
        tick = TICK_S
        for number, call in enumerate(self._trace.calls):
            while min(tick, ends[0][0] if ends else tick) <= call.at:
                tick = self._step(tick, ends)
            self._clock.now = call.at
            heapq.heappush(ends, (self._begin(call), number, call.model))
        while ends or tick <= self._trace.length_s:
            tick = self._step(tick, ends)
        self._clock.now = max(self._clock.now, self._trace.length_s)
        return Cost(self.memory.byte_s / GB / HOUR_S, self.memory.cold_starts, self.memory.waited_s)

    def _step(self, tick: float, ends: list[tuple[float, int, str]]) -> float:
        """The next end of an answer, or the next decision, whichever comes first."""
        if ends and ends[0][0] <= tick:
            self._clock.now, _, model = heapq.heappop(ends)
            self.memory.end(model)
            self._news.append((self._clock.now, model, False))
            return tick
        self._clock.now = tick
        if self._uses is not None:
            self._decide(self._uses)
        return tick + TICK_S

    def _begin(self, call: Call) -> float:
        use = self._uses.models.get(call.model) if self._uses is not None else None
        keep_s = keep_alive_of(use, is_pinned=False) if use is not None else FIXED_S
        wait_s = self.memory.begin(call.model, keep_s)
        self._news.append((call.at, call.model, True))
        return call.at + wait_s + call.took_s

    def _decide(self, uses: Uses) -> None:
        for at, model, is_begin in self._news:
            (uses.begin if is_begin else uses.end)(model, at)
        self._news.clear()
        now = self._clock.now
        self.memory.forget_expired()
        loaded = {
            name: Loaded(self.memory.size_of(name), held.expires_at - now) for name, held in self.memory.held.items()
        }
        for action in decide(uses, loaded, now):
            self._carry_out(uses, action)

    def _carry_out(self, uses: Uses, action: Action) -> None:
        self.memory.keep(action.model, action.keep_s if action.keep_s >= 0 else FOREVER_S)
        done(uses, action, self._clock.now)


def fixed(trace: Trace) -> Cost:
    """This will replay with Ollama's own five minutes."""
    return Replay(trace).run()


def managed(trace: Trace) -> Cost:
    """This will replay with the manager, which begins knowing nothing."""
    return Replay(trace, Uses()).run()
