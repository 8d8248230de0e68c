"""How each server is, in words for the Providers page and for programs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.inference.engine.health import Condition, State, condition_of
from apps.inference.models import Provider
from apps.inference.pool.pool import POOL
from apps.inference.pool.sharing import ensure_sharing


@dataclass(frozen=True, slots=True)
class Health:
    """How a server is now. `words` say it to a person; `since` is None where nobody knows."""

    state: State
    words: str
    since: datetime | None
    in_flight: int


_WORDS: dict[State, Callable[[], str]] = {
    State.UNKNOWN: lambda: _("Olympus has not heard of it yet."),
    State.HEALTHY: lambda: _("It answers."),
    State.BUSY: lambda: _("It is there but has more to do than it can answer in time; others are asked first."),
    State.WARMING: lambda: _("It is loading a model and will answer soon; others are asked first."),
    State.DEGRADED: lambda: _("Some calls fail; other servers are asked first."),
    State.CONFIG_ERROR: lambda: _("It refuses Olympus. Check its address and key under Change."),
    State.RATE_LIMITED: lambda: _("It was asked too often and wants a pause."),
    State.UNHEALTHY: lambda: _("It fails. Olympus leaves it alone for a while, then tries it again."),
    State.OFFLINE: lambda: _("It does not answer. Check that it runs; Olympus looks again every few seconds."),
}


def health_of(provider: Provider) -> Health:
    """This will tell how a provider is, by what all processes learned, else by when it was last asked for its models."""
    ensure_sharing()
    watched = POOL.watched.get(provider.pk)
    if watched is None:
        return _stored(provider, 0)
    now = POOL.now()
    with POOL.lock:
        condition = condition_of(watched.facts, now)
        in_flight = watched.in_flight + watched.elsewhere
    if condition.state is State.UNKNOWN:
        return _stored(provider, in_flight)
    since = timezone.now() - timedelta(seconds=max(0.0, now - condition.since))
    return Health(condition.state, _words(condition, now), since.replace(microsecond=0), in_flight)


def _stored(provider: Provider, in_flight: int) -> Health:
    """What its row tells, before anything was heard of it since this installation started."""
    if provider.last_error:
        return Health(State.OFFLINE, provider.last_error, provider.checked_at, in_flight)
    if provider.checked_at is None:
        return Health(State.UNKNOWN, _WORDS[State.UNKNOWN](), None, in_flight)
    return Health(State.HEALTHY, _WORDS[State.HEALTHY](), provider.checked_at, in_flight)


def _words(condition: Condition, now: float) -> str:
    said = _WORDS[condition.state]()
    if condition.models:
        return _("%(models)s fails here; other servers are asked for it.") % {"models": ", ".join(condition.models[:3])}
    if condition.until:
        left = max(1, round(condition.until - now))
        return said + " " + _("It is asked again in %(n)s s.") % {"n": left}
    # Who noticed may have spoken another language than who reads.
    words = _(condition.words) if condition.words else ""
    if words and condition.state is State.CONFIG_ERROR:
        return words
    if words and condition.state is State.OFFLINE:
        return words + " " + _("Olympus looks again every few seconds.")
    return f"{said} {words}" if words and words not in said else said
