"""What a failed call and a probe tell about a model server, and the one word for how it is.

All times are seconds of one clock, passed in.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from apps.inference.engine.breaker import Breaker, Phase
from apps.inference.errors import (
    AddressIsOlympus,
    ContextExceeded,
    MalformedStream,
    ModelError,
    ModelNotFound,
    ProviderFailed,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnauthorized,
    ProviderUnreachable,
    StreamCut,
)

# Where a server says "not so often" without saying how often: long enough to matter, short enough to be no outage.
COOLDOWN_S = 5.0
_LONGEST_COOLDOWN_S = 3600.0
# A large model is read from disk in about this time; the next call looks again.
WARMING_S = 10.0
# One that is too slow for one call has work for a while.
BUSY_S = 30.0
# A wrong key stays wrong until somebody changes it; a look now and then finds what was repaired elsewhere.
REFUSAL_S = 300.0
# The list of models is asked for every minute; after that it is the list that tells.
GONE_S = 90.0
# A probe speaks for this long: three of them at the longest interval. Without a worker nobody looks, and calls alone tell.
_PROBE_LASTS_S = 90.0
# An answer from an hour ago does not tell how a server is.
_ANSWER_LASTS_S = 600.0
# One lost answer is no outage.
_PROBES_TO_FAIL = 3
# A failure in the last minute is worth a word.
_RECENT_S = 60.0


class Outcome(StrEnum):
    """What the end of a call or a probe means for the server."""

    ANSWERED = "answered"
    NEUTRAL = "neutral"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"
    MODEL_GONE = "model_gone"
    WARMING = "warming"


_TROUBLE = frozenset({Outcome.FAILED, Outcome.TIMED_OUT})


class State(StrEnum):
    """How a server is, in one word."""

    UNKNOWN = "unknown"
    HEALTHY = "healthy"
    BUSY = "busy"
    WARMING = "warming"
    DEGRADED = "degraded"
    CONFIG_ERROR = "config_error"
    RATE_LIMITED = "rate_limited"
    UNHEALTHY = "unhealthy"
    OFFLINE = "offline"


# The first that fits counts: some errors are kinds of others.
_OUTCOMES: tuple[tuple[type[ModelError], Outcome], ...] = (
    (ProviderRateLimited, Outcome.RATE_LIMITED),
    (ProviderUnauthorized, Outcome.REFUSED),
    (AddressIsOlympus, Outcome.REFUSED),
    (ModelNotFound, Outcome.MODEL_GONE),
    (ContextExceeded, Outcome.NEUTRAL),
    (ProviderTimeout, Outcome.TIMED_OUT),
    (ProviderUnreachable, Outcome.UNREACHABLE),
    (StreamCut, Outcome.UNREACHABLE),
    (MalformedStream, Outcome.FAILED),
)


def outcome_of(error: ModelError | None) -> Outcome:
    """This will tell what the end of a call means; requests that are wrong are no fault of the server."""
    if error is None:
        return Outcome.ANSWERED
    if isinstance(error, ProviderFailed):
        return _outcome_of_failure(error)
    if isinstance(error, ProviderRefused) and error.status == 404:
        return Outcome.REFUSED  # nothing of this kind answers at the address
    return next((outcome for kind, outcome in _OUTCOMES if isinstance(error, kind)), Outcome.NEUTRAL)


def _outcome_of_failure(error: ProviderFailed) -> Outcome:
    is_loading = error.status == 503 and "loading" in error.message.lower()
    return Outcome.WARMING if is_loading else Outcome.FAILED


def cooldown_s(error: Exception | None) -> float:
    """This will tell how long a server that was asked too often is left alone."""
    told = getattr(error, "retry_after_s", None)
    return COOLDOWN_S if told is None else min(max(told, 0.0), _LONGEST_COOLDOWN_S)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that holds from `since` until `until`; `at` is when it was last said, `words` by whom it was said."""

    at: float = 0.0
    since: float = 0.0
    until: float = 0.0
    words: str = ""

    def again(self, now: float, until: float, words: str = "") -> "Mark":
        """This will say it anew; one that still holds keeps its beginning."""
        return Mark(now, self.since if now < self.until else now, until, words)

    def ended(self, now: float) -> "Mark":
        """This will take it back; one that held no more stays as it is."""
        return Mark(now, self.since, now) if now < self.until else self


@dataclass(frozen=True, slots=True)
class Probe:
    """What the last cheap look found: the same `count` times, since `since`."""

    outcome: Outcome = Outcome.NEUTRAL
    at: float = 0.0
    since: float = 0.0
    count: int = 0
    words: str = ""

    def again(self, outcome: Outcome, now: float, words: str = "") -> "Probe":
        """This will add what a new look found."""
        if outcome is self.outcome:
            return Probe(outcome, now, self.since, self.count + 1, words)
        return Probe(outcome, now, now, 1, words)


NEVER = Mark()


@dataclass(slots=True)
class Facts:
    """All that is known of one server's health; `models` are the circuits of its models."""

    circuit: Breaker = field(default_factory=Breaker)
    models: dict[str, Breaker] = field(default_factory=dict)
    gone: dict[str, Mark] = field(default_factory=dict)
    cooldown: Mark = NEVER
    refusal: Mark = NEVER
    busy: Mark = NEVER
    warming: Mark = NEVER
    probe: Probe = Probe()
    answered_at: float = 0.0

    def start_anew(self, now: float) -> None:
        """This will forget what was learned: it is another server now, or has another key."""
        for circuit in (self.circuit, *self.models.values()):
            circuit.reset(now)
        self.gone = {model: mark.ended(now) for model, mark in self.gone.items()}
        self.cooldown, self.refusal = self.cooldown.ended(now), self.refusal.ended(now)
        self.busy, self.warming = self.busy.ended(now), self.warming.ended(now)
        self.probe = Probe(at=now)
        self.answered_at = 0.0


@dataclass(frozen=True, slots=True)
class Condition:
    """How a server is and since when; `until` where that is known, `words` what the server said."""

    state: State
    since: float = 0.0
    until: float = 0.0
    words: str = ""
    models: tuple[str, ...] = ()


def is_alive(facts: Facts, now: float) -> bool:
    """This will tell whether the last look found the server answering, so that silence means work."""
    return _found(facts, now) in {Outcome.ANSWERED, Outcome.WARMING}


def is_refusing(facts: Facts, now: float) -> bool:
    """This will tell whether it turns Olympus away until somebody changes something."""
    return now < facts.refusal.until or _found(facts, now) is Outcome.REFUSED


def is_away(facts: Facts, now: float) -> bool:
    """This will tell whether looks find nobody there, and no call was answered since."""
    probe = facts.probe
    if facts.answered_at > probe.at:
        return False
    found = _found(facts, now)
    return found is Outcome.UNREACHABLE or (found in _TROUBLE and probe.count >= _PROBES_TO_FAIL)


def is_warming(facts: Facts, now: float) -> bool:
    """This will tell whether it is loading a model and will answer soon."""
    return now < facts.warming.until or _found(facts, now) is Outcome.WARMING


def _found(facts: Facts, now: float) -> Outcome:
    return facts.probe.outcome if now - facts.probe.at < _PROBE_LASTS_S else Outcome.NEUTRAL


def condition_of(facts: Facts, now: float) -> Condition:
    """This will find the one word for how a server is: what keeps it from being used first."""
    for look in (_refusing, _away, _resting, _occupied, _damaged):
        if found := look(facts, now):
            return found
    if _found(facts, now) is Outcome.ANSWERED:
        return Condition(State.HEALTHY, facts.probe.since)
    if facts.answered_at and now - facts.answered_at < _ANSWER_LASTS_S:
        return Condition(State.HEALTHY, facts.answered_at)
    return Condition(State.UNKNOWN)


def _refusing(facts: Facts, now: float) -> Condition | None:
    if not is_refusing(facts, now):
        return None
    by_call = facts.refusal if now < facts.refusal.until else facts.probe
    return Condition(State.CONFIG_ERROR, by_call.since, words=by_call.words)


def _away(facts: Facts, now: float) -> Condition | None:
    if not is_away(facts, now):
        return None
    state = State.OFFLINE if facts.probe.outcome is Outcome.UNREACHABLE else State.UNHEALTHY
    return Condition(state, facts.probe.since, words=facts.probe.words)


def _resting(facts: Facts, now: float) -> Condition | None:
    if now < facts.cooldown.until:
        return Condition(State.RATE_LIMITED, facts.cooldown.since, facts.cooldown.until, facts.cooldown.words)
    if facts.circuit.phase(now) is Phase.OPEN:
        return Condition(State.UNHEALTHY, facts.circuit.opened_at, facts.circuit.open_until)
    return None


def _occupied(facts: Facts, now: float) -> Condition | None:
    if is_warming(facts, now):
        by_call = facts.warming if now < facts.warming.until else facts.probe
        return Condition(State.WARMING, by_call.since, words=by_call.words)
    if now < facts.busy.until:
        return Condition(State.BUSY, facts.busy.since)
    return None


def _damaged(facts: Facts, now: float) -> Condition | None:
    broken = tuple(name for name, circuit in facts.models.items() if circuit.is_open)
    if broken:
        return Condition(State.DEGRADED, min(facts.models[name].opened_at for name in broken), models=broken)
    if facts.circuit.is_open:
        return Condition(State.DEGRADED, facts.circuit.opened_at)
    if _found(facts, now) in _TROUBLE and facts.answered_at <= facts.probe.at:
        return Condition(State.DEGRADED, facts.probe.since, words=facts.probe.words)
    failed_at = failed_recently_at(facts, now)
    return Condition(State.DEGRADED, failed_at) if failed_at else None


def failed_recently_at(facts: Facts, now: float) -> float:
    """This will tell when the last call failed, 0 if one was answered since or it is long ago."""
    failed_at = max([facts.circuit.failed_at, *(each.failed_at for each in facts.models.values())])
    return failed_at if failed_at > facts.answered_at and now - failed_at < _RECENT_S else 0.0
