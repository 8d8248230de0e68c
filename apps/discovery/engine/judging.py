"""What one look at a service says about its health."""

from apps.discovery.contracts import HealthReport, HealthState
from apps.discovery.engine.fingerprint import Fingerprint
from apps.discovery.engine.fingerprints import redis
from apps.discovery.engine.wire import Answer, Answers, short_text

_FAILURES = {
    "refused": HealthState.OFFLINE,
    # A lost packet looks the same, so it takes several to be sure.
    "unreachable": HealthState.UNHEALTHY,
    # It took the connection: a model server that computes is slow to answer, and not down.
    "timeout": HealthState.BUSY,
    "garbled": HealthState.UNHEALTHY,
}
_STATUSES = {401: HealthState.CONFIG_ERROR, 403: HealthState.CONFIG_ERROR, 429: HealthState.RATE_LIMITED}
# The first one found among a look's answers is what it says.
_WORST_FIRST = (
    HealthState.OFFLINE,
    HealthState.CONFIG_ERROR,
    HealthState.RATE_LIMITED,
    HealthState.UNHEALTHY,
    HealthState.WARMING,
    HealthState.BUSY,
)


def _state_of(answer: Answer) -> HealthState | None:
    if answer.failure:
        return _FAILURES[answer.failure]
    if answer.status == 0:
        return _raw_state(answer)
    if answer.status == 503 and "loading" in answer.text[:2000].lower():
        return HealthState.WARMING
    return HealthState.UNHEALTHY if answer.status >= 500 else _STATUSES.get(answer.status)


def _raw_state(answer: Answer) -> HealthState | None:
    lines = answer.body.split(b"\r\n")
    if any(line.startswith(redis.LOCKED) for line in lines):
        return HealthState.CONFIG_ERROR
    return HealthState.WARMING if any(line.startswith(redis.LOADING) for line in lines) else None


def is_alive(fingerprint: Fingerprint, answers: Answers) -> bool:
    """This will tell whether the product itself answers there."""
    return any(sign.probe.name in answers and sign.shows(answers[sign.probe.name]) for sign in fingerprint.alive)


def judge(fingerprint: Fingerprint, answers: Answers) -> HealthReport:
    """This will make the report of a look out of the answers to what is watched."""
    states = {_state_of(answer): answer for answer in reversed(list(answers.values()))}
    worst = next((state for state in _WORST_FIRST if state in states), None)
    latency = max((answer.latency_ms for answer in answers.values()), default=None)
    if worst is not None:
        answer = states[worst]
        return HealthReport(
            state=worst, latency_ms=latency, detail=_detail(answer), retry_after_s=_retry_after_s(answer)
        )
    if not is_alive(fingerprint, answers):
        return HealthReport(
            state=HealthState.UNHEALTHY, latency_ms=latency, detail="another product answers", is_other=True
        )
    return HealthReport(state=HealthState.HEALTHY, latency_ms=latency)


def _detail(answer: Answer) -> str:
    if answer.failure:
        return answer.failure
    return f"HTTP {answer.status}" if answer.status else short_text(answer.text, 80)


def _retry_after_s(answer: Answer) -> float | None:
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isdecimal() and len(told) < 8 else None
