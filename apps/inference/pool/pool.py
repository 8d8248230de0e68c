"""What a process knows of the servers: who is at work, who fails, who is quick; and the choice by it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from uuid import UUID

from apps.inference.contracts import ProviderKind
from apps.inference.engine import routing
from apps.inference.engine.health import Facts, Outcome, outcome_of
from apps.inference.engine.learning import fitness_of, is_plain, learn, learn_from_probe
from apps.inference.engine.routing import Candidate, Need, Reason
from apps.inference.errors import ModelError
from apps.inference.memory.noting import note_begin, note_end
from apps.inference.pool.backends import Backend
from apps.inference.pool.wording import sentences
from olympus.kernel.metrics import note_call_begun, note_call_over

# A third of each new measure: five calls forget what was.
_NEW_SHARE = 0.3
# What was measured longer ago tells nothing of now; the server is then tried again.
_LATENCY_LASTS_S = 120.0


@dataclass(slots=True)
class Watched:
    """One server: its health, the calls under way here and in other processes, and how soon each model begins."""

    facts: Facts = field(default_factory=Facts)
    in_flight: int = 0
    elsewhere: int = 0
    first_tokens: dict[str, tuple[float, float]] = field(default_factory=dict)
    is_plain: bool = True

    def look_again(self, now: float) -> None:
        """This will note whether there is anything to think of before the server is asked."""
        self.is_plain = is_plain(self.facts, now)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The backends in the order they are to be asked: those that are fit for it first, the rest a last resort."""

    backends: tuple[Backend, ...]
    _reason: Reason | None
    _first: Candidate

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the first is the first, in sentences for a person; made when they are read, as programs read none."""
        return sentences(self._reason, self._first) if self._reason else ()


class CallTicket:
    """One call under way. Tell it of the first token, and end it whatever happens; ending twice is harmless."""

    __slots__ = (
        "_began_at", "_has_begun", "_is_over", "_is_trying", "_model", "_name", "_noted_id", "_pool", "_watched"
    )  # fmt: skip

    def __init__(self, pool: "Pool", watched: Watched, backend: Backend, *, is_trying: bool) -> None:
        self._pool = pool
        self._name = backend.name
        self._watched = watched
        self._model = backend.info.name
        # The memory of servers of this kind is managed.
        self._noted_id = backend.provider_id if backend.kind is ProviderKind.OLLAMA else None
        if self._noted_id is not None:
            note_begin(self._noted_id, self._model)
        self._is_trying = is_trying
        self._began_at = pool.now()
        self._has_begun = self._is_over = False

    def first_token(self) -> None:
        """This will note how soon the server answers; calls after the first change nothing."""
        if not self._has_begun:
            self._has_begun = True
            self._pool.note_first_token(self._watched, self._model, self._began_at)

    def end(self, error: Exception | None = None) -> None:
        """This will count the call as over: answered, failed by `error`, or (no token, no error) given up."""
        if not self._is_over:
            self._is_over = True
            outcome = outcome_of(error) if isinstance(error, ModelError) else Outcome.NEUTRAL
            if error is None and self._has_begun:
                outcome = Outcome.ANSWERED
            note_call_over(self._name)
            if self._noted_id is not None:
                note_end(self._noted_id, self._model)
            self._pool.note_end(self._watched, self._model, outcome, error, is_trying=self._is_trying)


class Pool:
    """The servers as one process sees them; safe to use from several threads."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self.now = now
        self.lock = Lock()
        self.watched: dict[UUID | None, Watched] = {}

    def rank(self, backends: Sequence[Backend], need: Need) -> Ranking:
        """This will order the backends for a call."""
        now = self.now()
        candidates = [self._candidate(backend, now) for backend in backends]
        order = routing.rank(candidates, need, random.getrandbits(64))
        return Ranking(
            tuple([backends[place] for place in order.places]),
            order.reason,
            candidates[order.places[0]],
        )

    def begin(self, backend: Backend) -> CallTicket:
        """This will count a call to the backend as under way until its ticket ends."""
        model = backend.info.name
        now = self.now()
        with self.lock:
            watched = self.watch(backend.provider_id)
            watched.in_flight += 1
            is_trying = watched.facts.circuit.begin(now)
            if circuit := watched.facts.models.get(model):
                is_trying = circuit.begin(now) or is_trying
        note_call_begun(backend.name)
        return CallTicket(self, watched, backend, is_trying=is_trying)

    def watch(self, provider_id: UUID | None) -> Watched:
        """This will give what is known of a server; call it under the lock."""
        watched = self.watched.get(provider_id)
        if watched is None:
            watched = self.watched[provider_id] = Watched()
        return watched

    def note_first_token(self, watched: Watched, model: str, began_at: float) -> None:
        """This will take a time to the first token into the mean."""
        now = self.now()
        with self.lock:
            watched.facts.answered_at = now
            mean_s, at = watched.first_tokens.get(model, (0.0, 0.0))
            took_s = now - began_at
            if at and now - at < _LATENCY_LASTS_S:
                took_s = mean_s + _NEW_SHARE * (took_s - mean_s)
            watched.first_tokens[model] = (took_s, now)

    def note_end(
        self, watched: Watched, model: str, outcome: Outcome, error: Exception | None, *, is_trying: bool
    ) -> None:
        """This will learn from the end of a call."""
        with self.lock:
            watched.in_flight -= 1
            now = self.now()
            learn(watched.facts, model, outcome, error, now, is_trying=is_trying)
            watched.look_again(now)

    def note_probe(self, provider_id: UUID, outcome: Outcome, error: Exception | None) -> None:
        """This will keep what a look at a server found."""
        now = self.now()
        with self.lock:
            watched = self.watch(provider_id)
            learn_from_probe(watched.facts, outcome, error, now)
            watched.look_again(now)

    def forget(self) -> None:
        """This will forget everything, as a process that has just started."""
        with self.lock:
            self.watched.clear()

    def _candidate(self, backend: Backend, now: float) -> Candidate:
        info = backend.info
        candidate = Candidate(
            backend.name,
            backend.number,
            info.capabilities,
            backend.context_length,
            backend.priority,
            backend.weight,
            backend.is_loaded,
        )
        watched = self.watched.get(backend.provider_id)
        if watched is None:
            return candidate
        candidate.in_flight = watched.in_flight + watched.elsewhere
        mean_s, at = watched.first_tokens.get(info.name, (0.0, 0.0))
        if at and now - at < _LATENCY_LASTS_S:
            candidate.first_token_s = mean_s
        if not watched.is_plain:
            known = fitness_of(watched.facts, info.name, now)
            candidate.standing, candidate.free_at = known.standing, known.free_at
            candidate.is_busy, candidate.is_shaky = known.is_busy, known.is_shaky
        return candidate


POOL = Pool()
