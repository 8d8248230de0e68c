"""What Ollama has in memory, on any clock: loads, idle times, room, and what it all cost.

Source: github.com/ollama/ollama, server/sched.go, as of August 2026: the idle time starts anew with the end of each
request, the idle model that ends the soonest makes room, and what is in use stays.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

FIXED_S = 300.0
FOREVER_S = float("inf")
# Of a model nobody gave a size: that of the one in the fake's list.
_SIZE_BYTES = 2_019_393_189


@dataclass(slots=True)
class Held:
    """A model in memory; it can answer from `ready_at` on."""

    since: float
    ready_at: float
    expires_at: float
    keep_s: float
    refs: int = 0
    is_fetched: bool = False


class OllamaMemory:
    """`sizes` are bytes and `load_s` seconds by model; `byte_s` and `cold_starts` count what happened up to now."""

    def __init__(
        self, now: Callable[[], float], sizes: Mapping[str, int], load_s: Mapping[str, float], capacity: float
    ) -> None:
        self.now, self.sizes, self.load_s, self.capacity = now, dict(sizes), dict(load_s), capacity
        self.held: dict[str, Held] = {}
        self.cold_starts = 0
        self.waited_s = 0.0
        self._past_byte_s = 0.0

    def size_of(self, model: str) -> int:
        """This will tell a model's size in bytes."""
        return self.sizes.get(model, _SIZE_BYTES)

    def begin(self, model: str, keep_s: float | None) -> float:
        """This will begin a request, and tell how long it waits for the model."""
        held = self._ready(model)
        wait_s = max(held.ready_at - self.now(), 0.0)
        # Who joins the wait of another request is not counted again; a fetch that came too late is.
        if wait_s and (held.is_fetched or not held.refs):
            self.cold_starts += 1
            held.is_fetched = False
        self.waited_s += wait_s
        held.refs += 1
        held.keep_s = FIXED_S if keep_s is None else keep_s
        return wait_s

    def end(self, model: str) -> None:
        """This will end a request."""
        held = self.held[model]
        held.refs -= 1
        held.expires_at = self.now() + held.keep_s
        self.forget_expired()

    def keep(self, model: str, keep_s: float | None) -> float:
        """This will do what an empty request does: load or keep, 0 unloads; tells how long the load takes."""
        keep_s = FIXED_S if keep_s is None else keep_s
        self.forget_expired()
        if model not in self.held and keep_s == 0:
            return 0.0
        is_new = model not in self.held
        held = self._ready(model)
        held.is_fetched = held.is_fetched or is_new
        held.keep_s = keep_s
        held.expires_at = max(self.now(), held.ready_at if keep_s else 0.0) + keep_s
        self.forget_expired()
        return max(held.ready_at - self.now(), 0.0)

    def forget_expired(self) -> None:
        """This will unload what was idle long enough."""
        for name, held in list(self.held.items()):
            if not held.refs and held.expires_at <= self.now():
                self._unload(name, max(held.expires_at, held.since))

    @property
    def byte_s(self) -> float:
        """Memory held so far, in byte seconds."""
        self.forget_expired()
        now = self.now()
        return self._past_byte_s + sum(self.size_of(n) * (now - held.since) for n, held in self.held.items())

    def _ready(self, model: str) -> Held:
        self.forget_expired()
        held = self.held.get(model)
        if held is None:
            self._make_room(self.size_of(model))
            now = self.now()
            held = Held(now, now + self.load_s.get(model, 0.0), now + FIXED_S, FIXED_S)
            self.held[model] = held
        return held

    def _make_room(self, size: int) -> None:
        while sum(map(self.size_of, self.held)) + size > self.capacity:
            idle = [name for name, held in self.held.items() if not held.refs]
            if not idle:
                return  # it would queue; the double lets it in
            self._unload(min(idle, key=lambda name: self.held[name].expires_at), self.now())

    def _unload(self, model: str, at: float) -> None:
        held = self.held.pop(model)
        self._past_byte_s += self.size_of(model) * (at - held.since)
