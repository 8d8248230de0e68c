"""What the end of a call teaches about a server, and whether it may be asked now."""

from dataclasses import dataclass

from apps.inference.engine.breaker import Breaker, Phase
from apps.inference.engine.health import (
    BUSY_S,
    GONE_S,
    NEVER,
    REFUSAL_S,
    WARMING_S,
    Facts,
    Outcome,
    cooldown_s,
    failed_recently_at,
    is_alive,
    is_away,
    is_refusing,
    is_warming,
)
from apps.inference.engine.routing import Standing


@dataclass(frozen=True, slots=True)
class Fitness:
    """Whether a server may be asked for a model; `free_at` is when one that is out may be again."""

    standing: Standing = Standing.USABLE
    free_at: float = 0.0
    is_busy: bool = False
    is_shaky: bool = False


_FIT = Fitness()


def fitness_of(facts: Facts, model: str, now: float) -> Fitness:
    """This will tell whether a server may be asked for a model now."""
    if is_refusing(facts, now):
        return Fitness(Standing.REFUSED)
    if facts.gone and now < facts.gone.get(model, NEVER).until:
        return Fitness(Standing.MODEL_GONE, facts.gone[model].until)
    if is_away(facts, now):
        return Fitness(Standing.OFFLINE)
    for circuit in (facts.circuit, facts.models.get(model)):
        if circuit is not None and circuit.is_open and not circuit.lets_pass(now):
            is_open = circuit.phase(now) is Phase.OPEN
            return Fitness(Standing.BROKEN if is_open else Standing.TRIED, circuit.open_until if is_open else 0.0)
    if now < facts.cooldown.until:
        return Fitness(Standing.RATE_LIMITED, facts.cooldown.until)
    is_busy = now < facts.busy.until or is_warming(facts, now)
    is_shaky = _is_shaky(facts, model, now)
    return Fitness(is_busy=is_busy, is_shaky=is_shaky) if is_busy or is_shaky else _FIT


def is_plain(facts: Facts, now: float) -> bool:
    """This will tell whether any model may be asked, and will until something new is learned."""
    return (
        not facts.circuit.is_open
        and not (facts.circuit.failed_at > facts.answered_at)
        and not any(circuit.is_open or circuit.failed_at > facts.answered_at for circuit in facts.models.values())
        and not any(now < mark.until for mark in (facts.cooldown, facts.refusal, facts.busy, facts.warming))
        and not any(now < mark.until for mark in facts.gone.values())
        and facts.probe.outcome in {Outcome.ANSWERED, Outcome.NEUTRAL}
    )


def _is_shaky(facts: Facts, model: str, now: float) -> bool:
    """A call failed a moment ago and none was answered since. A half-open circuit is tried, not avoided."""
    circuit = facts.models.get(model)
    if facts.circuit.is_open or (circuit is not None and circuit.is_open):
        return False
    failed_at = max(facts.circuit.failed_at, circuit.failed_at if circuit else 0.0)
    return failed_at > facts.answered_at and failed_recently_at(facts, now) > 0


def learn(
    facts: Facts, model: str, outcome: Outcome, error: Exception | None, now: float, *, is_trying: bool = False
) -> None:
    """This will take in how a call ended; `is_trying` if it was the one that tries a half-open circuit."""
    if outcome is Outcome.ANSWERED:
        _answered(facts, model, now)
    elif outcome is Outcome.UNREACHABLE or (outcome is Outcome.TIMED_OUT and not is_alive(facts, now)):
        facts.circuit.fail(now)
    elif outcome is Outcome.FAILED:
        _failed(facts, model, now)
    else:
        _mark(facts, model, outcome, error, now)
    if is_trying:
        # Whichever circuit it tried and told nothing of may be tried by another call.
        for circuit in (facts.circuit, facts.models.get(model)):
            if circuit is not None:
                circuit.abandon(now)


def learn_from_probe(facts: Facts, outcome: Outcome, error: Exception | None, now: float) -> None:
    """This will take in what a cheap look found; a server that asks for a pause is there."""
    if outcome is Outcome.RATE_LIMITED:
        facts.cooldown = facts.cooldown.again(now, now + cooldown_s(error), str(error or ""))
        outcome, error = Outcome.ANSWERED, None
    facts.probe = facts.probe.again(outcome, now, str(error or ""))


def _answered(facts: Facts, model: str, now: float) -> None:
    facts.answered_at = now
    facts.circuit.succeed(now)
    if circuit := facts.models.get(model):
        circuit.succeed(now)
    facts.busy = facts.busy.ended(now)
    facts.warming = facts.warming.ended(now)
    facts.refusal = facts.refusal.ended(now)
    if model in facts.gone:
        facts.gone[model] = facts.gone[model].ended(now)


def _failed(facts: Facts, model: str, now: float) -> None:
    """One model that cannot be run leaves the others as they are; two that fail, or a server's trial, are its fault."""
    facts.models.setdefault(model, Breaker()).fail(now)
    if facts.circuit.is_open or sum(1 for circuit in facts.models.values() if circuit.failures_in_row) > 1:
        facts.circuit.fail(now)


def _mark(facts: Facts, model: str, outcome: Outcome, error: Exception | None, now: float) -> None:
    words = str(error or "")
    if outcome is Outcome.TIMED_OUT:
        facts.busy = facts.busy.again(now, now + BUSY_S)
    elif outcome is Outcome.RATE_LIMITED:
        facts.cooldown = facts.cooldown.again(now, now + cooldown_s(error), words)
    elif outcome is Outcome.REFUSED:
        facts.refusal = facts.refusal.again(now, now + REFUSAL_S, words)
    elif outcome is Outcome.MODEL_GONE:
        facts.gone[model] = facts.gone.get(model, NEVER).again(now, now + GONE_S)
    elif outcome is Outcome.WARMING:
        facts.warming = facts.warming.again(now, now + WARMING_S, words)
