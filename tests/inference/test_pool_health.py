"""What failures and looks mean for a server, and the one word for how it is."""

import pytest

from apps.inference.engine.health import Facts, Outcome, State, condition_of, outcome_of
from apps.inference.engine.learning import fitness_of, is_plain, learn, learn_from_probe
from apps.inference.engine.refusals import error_from_answer
from apps.inference.engine.routing import Standing
from apps.inference.errors import (
    ContextExceeded,
    MalformedStream,
    ModelError,
    ModelNotFound,
    ProviderRateLimited,
    ProviderTimeout,
    ProviderUnreachable,
    StreamCut,
)

NOW = 1000.0


def refused(status: int, body: bytes = b"", **headers: str) -> ModelError:
    return error_from_answer(status, headers, body)


def taught(*errors: ModelError | None, facts: Facts | None = None, model: str = "m") -> Facts:
    facts = facts or Facts()
    for error in errors:
        learn(facts, model, outcome_of(error), error, NOW)
    return facts


def looked(outcome: Outcome, error: ModelError | None = None, *, times: int = 1, facts: Facts | None = None) -> Facts:
    facts = facts or Facts()
    for _ in range(times):
        learn_from_probe(facts, outcome, error, NOW)
    return facts


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, Outcome.ANSWERED),
        (refused(401), Outcome.REFUSED),
        (refused(403), Outcome.REFUSED),
        (refused(429), Outcome.RATE_LIMITED),
        (refused(400, b'{"error":{"message":"bad temperature"}}'), Outcome.NEUTRAL),
        (refused(400, b'{"error":{"message":"maximum context length is 4096"}}'), Outcome.NEUTRAL),
        (refused(404, b'{"error":"model \'x\' not found"}'), Outcome.MODEL_GONE),
        (refused(404), Outcome.REFUSED),
        (refused(500, b'{"error":"CUDA error"}'), Outcome.FAILED),
        (refused(502), Outcome.FAILED),
        (refused(503), Outcome.FAILED),
        (refused(503, b'{"error":{"message":"Loading model","code":503}}'), Outcome.WARMING),
        (ProviderUnreachable(), Outcome.UNREACHABLE),
        (StreamCut(), Outcome.UNREACHABLE),
        (MalformedStream(), Outcome.FAILED),
        (ProviderTimeout(), Outcome.TIMED_OUT),
        (ContextExceeded(), Outcome.NEUTRAL),
        (ModelNotFound(), Outcome.MODEL_GONE),
    ],
)
def test_an_error_means(error: ModelError | None, outcome: Outcome) -> None:
    assert outcome_of(error) is outcome


def test_wrong_requests_are_no_fault_of_the_server() -> None:
    facts = taught(*[refused(400), ContextExceeded()] * 20)

    assert fitness_of(facts, "m", NOW).standing is Standing.USABLE
    assert is_plain(facts, NOW)


def test_a_server_that_cannot_be_reached_five_times_is_left_alone() -> None:
    facts = taught(*[ProviderUnreachable()] * 5)

    assert fitness_of(facts, "any", NOW).standing is Standing.BROKEN
    assert condition_of(facts, NOW).state is State.UNHEALTHY
    assert fitness_of(facts, "any", NOW + 31).standing is Standing.USABLE


def test_a_model_that_fails_leaves_the_servers_other_models_as_they_are() -> None:
    facts = taught(*[refused(500)] * 5, model="broken")

    assert fitness_of(facts, "broken", NOW).standing is Standing.BROKEN
    assert fitness_of(facts, "fine", NOW).standing is Standing.USABLE
    assert condition_of(facts, NOW).state is State.DEGRADED
    assert condition_of(facts, NOW).models == ("broken",)


def test_a_server_whose_models_all_fail_is_left_alone() -> None:
    facts = taught(*[refused(500)] * 4, model="one")

    taught(*[refused(500)] * 5, facts=facts, model="two")

    assert fitness_of(facts, "three", NOW).standing is Standing.BROKEN


def test_one_failure_lets_others_go_first_until_a_call_is_answered() -> None:
    facts = taught(ProviderUnreachable())

    shaky = fitness_of(facts, "m", NOW)
    learn(facts, "m", Outcome.ANSWERED, None, NOW + 1)

    assert (shaky.standing, shaky.is_shaky) == (Standing.USABLE, True)
    assert not fitness_of(facts, "m", NOW + 1).is_shaky


def tried(facts: Facts, error: ModelError, now: float, model: str = "m") -> None:
    facts.circuit.begin(now)
    if circuit := facts.models.get(model):
        circuit.begin(now)
    learn(facts, model, outcome_of(error), error, now, is_trying=True)


def test_a_server_that_fails_the_call_that_tries_it_is_left_alone_again() -> None:
    facts = taught(*[ProviderUnreachable()] * 5)

    tried(facts, refused(500), NOW + 31)

    assert fitness_of(facts, "other", NOW + 32).standing is Standing.BROKEN
    assert fitness_of(facts, "other", NOW + 92).standing is Standing.USABLE


def test_a_model_whose_trial_never_reached_the_server_may_be_tried_by_the_next_call() -> None:
    facts = taught(*[refused(500)] * 5)

    tried(facts, ProviderUnreachable(), NOW + 31)

    assert fitness_of(facts, "m", NOW + 32).standing is Standing.USABLE


@pytest.mark.parametrize(("told_s", "rests_s"), [(None, 5.0), (7.0, 7.0), (0.0, 0.0), (1e9, 3600.0), (-4.0, 0.0)])
def test_a_server_that_is_asked_too_often_rests_as_long_as_it_says(told_s: float | None, rests_s: float) -> None:
    facts = taught(ProviderRateLimited(retry_after_s=told_s))

    assert facts.cooldown.until == pytest.approx(NOW + rests_s)
    assert not facts.circuit.failures_in_row


def test_a_rate_limit_is_a_pause_with_an_end() -> None:
    facts = taught(ProviderRateLimited(retry_after_s=7.0))

    assert fitness_of(facts, "m", NOW + 6).standing is Standing.RATE_LIMITED
    assert (condition_of(facts, NOW).state, condition_of(facts, NOW).until) == (State.RATE_LIMITED, NOW + 7)
    assert fitness_of(facts, "m", NOW + 8).standing is Standing.USABLE


def test_a_refused_key_is_a_configuration_error_until_a_call_is_answered() -> None:
    facts = taught(refused(401))

    assert condition_of(facts, NOW).state is State.CONFIG_ERROR
    assert fitness_of(facts, "m", NOW).standing is Standing.REFUSED
    assert condition_of(taught(None, facts=facts), NOW).state is State.HEALTHY


def test_a_time_out_while_the_server_answers_looks_is_work_and_no_failure() -> None:
    facts = taught(*[ProviderTimeout()] * 9, facts=looked(Outcome.ANSWERED))

    assert condition_of(facts, NOW).state is State.BUSY
    fitness = fitness_of(facts, "m", NOW)
    assert (fitness.standing, fitness.is_busy) == (Standing.USABLE, True)


def test_time_outs_of_a_server_nobody_hears_of_open_its_circuit() -> None:
    facts = taught(*[ProviderTimeout()] * 5)

    assert condition_of(facts, NOW).state is State.UNHEALTHY


def test_a_model_that_is_gone_is_gone_on_that_server_alone_and_for_a_while() -> None:
    facts = taught(ModelNotFound(), model="old")

    assert fitness_of(facts, "old", NOW).standing is Standing.MODEL_GONE
    assert fitness_of(facts, "new", NOW).standing is Standing.USABLE
    assert fitness_of(facts, "old", NOW + 120).standing is Standing.USABLE


def test_a_server_that_loads_a_model_is_warming() -> None:
    facts = taught(refused(503, b'{"error":{"message":"Loading model"}}'))

    assert condition_of(facts, NOW).state is State.WARMING
    assert fitness_of(facts, "m", NOW).is_busy


@pytest.mark.parametrize(
    ("outcome", "times", "state"),
    [
        (Outcome.ANSWERED, 1, State.HEALTHY),
        (Outcome.UNREACHABLE, 1, State.OFFLINE),
        (Outcome.REFUSED, 1, State.CONFIG_ERROR),
        (Outcome.RATE_LIMITED, 1, State.RATE_LIMITED),
        (Outcome.WARMING, 1, State.WARMING),
        (Outcome.TIMED_OUT, 1, State.DEGRADED),
        (Outcome.TIMED_OUT, 3, State.UNHEALTHY),
        (Outcome.FAILED, 3, State.UNHEALTHY),
        (Outcome.NEUTRAL, 1, State.UNKNOWN),
    ],
)
def test_a_look_tells(outcome: Outcome, times: int, state: State) -> None:
    facts = looked(outcome, times=times)

    assert condition_of(facts, NOW).state is state


def test_nobody_knows_of_a_server_nobody_looked_at_for_long() -> None:
    facts = looked(Outcome.UNREACHABLE)

    assert condition_of(facts, NOW + 100).state is State.UNKNOWN
    assert fitness_of(facts, "m", NOW + 100).standing is Standing.USABLE


def test_an_answered_call_counts_more_than_a_look_before_it() -> None:
    facts = looked(Outcome.UNREACHABLE)

    learn(facts, "m", Outcome.ANSWERED, None, NOW + 1)

    assert fitness_of(facts, "m", NOW + 1).standing is Standing.USABLE
    assert condition_of(facts, NOW + 1).state is State.HEALTHY


def test_a_state_tells_since_when_it_lasts() -> None:
    facts = Facts()
    for second in range(3):
        learn_from_probe(facts, Outcome.UNREACHABLE, ProviderUnreachable("gone"), NOW + second * 10)

    condition = condition_of(facts, NOW + 25)

    assert (condition.since, condition.words) == (NOW, "gone")


def test_a_server_with_a_new_key_begins_anew() -> None:
    facts = taught(refused(401), *[ProviderUnreachable()] * 5, ModelNotFound())

    facts.start_anew(NOW + 1)

    assert fitness_of(facts, "m", NOW + 1).standing is Standing.USABLE
    assert condition_of(facts, NOW + 1).state is State.UNKNOWN
