"""Why a server was chosen, in sentences for a person."""

from collections.abc import Callable
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.inference.engine.routing import Candidate, Reason, Standing, Why

# More names than this make a sentence nobody reads.
_NAMED = 3

_WHY: dict[Why, Callable[[], str]] = {
    Why.ONLY: lambda: _("Only %(name)s has this model."),
    Why.CAPABLE: lambda: _("%(name)s can do what is asked; others cannot."),
    Why.FITS: lambda: _("%(name)s can read enough at once."),
    Why.LEAST_BAD: lambda: _("No server is well at the moment; %(name)s is the most likely to answer."),
    Why.OTHERS_OUT: lambda: _("%(name)s is the one that can be asked now."),
    Why.OTHERS_BUSY: lambda: _("%(name)s has time; the others are busy."),
    Why.PRIORITY: lambda: _("%(name)s comes first by its priority."),
    Why.WEIGHT: lambda: _("%(name)s takes part; the others are kept for when no other is left."),
    Why.STEADY: lambda: _("%(name)s answered its last calls; another failed a moment ago."),
    Why.LOADED: lambda: _("%(name)s has the model in memory."),
    Why.FREE: lambda: _("%(name)s has the least to do."),
    Why.AFFINITY: lambda: _("%(name)s is the server this conversation goes to: it may remember the beginning."),
    Why.LATENCY: lambda: _("%(name)s begins to answer the soonest (after %(seconds)s s)."),
    Why.SHARE: lambda: _("%(name)s was drawn among servers that are equally good."),
}
_OUT: dict[Standing, Callable[[], str]] = {
    Standing.TRIED: lambda: _("%(names)s failed before and is being tried with another call."),
    Standing.RATE_LIMITED: lambda: _("%(names)s asked for a pause."),
    Standing.BROKEN: lambda: _("%(names)s failed several times and is left alone for a while."),
    Standing.OFFLINE: lambda: _("%(names)s does not answer."),
    Standing.MODEL_GONE: lambda: _("%(names)s does not have the model any more."),
    Standing.REFUSED: lambda: _("%(names)s refuses Olympus."),
}


def sentences(reason: Reason, first: Candidate) -> tuple[str, ...]:
    """This will say why the first server is the first, and who was left out."""
    values = {"name": reason.name}
    if reason.why is Why.LATENCY:
        values["seconds"] = f"{first.first_token_s or 0.0:.1f}"
    why = _said(reason.why, get_language()) % values
    if not reason.left_out:
        return (why,)
    return (why, *_left_out(reason, first.name))


@lru_cache(maxsize=256)
def _said(why: Why, language: str | None) -> str:
    """The sentence in the language that is active: each call needs one, and a look-up costs as much as the choice."""
    return _WHY[why]()


def _left_out(reason: Reason, chosen: str) -> list[str]:
    groups: dict[Standing, list[str]] = {}
    for name, standing in reason.left_out:
        if name != chosen:
            groups.setdefault(standing, []).append(name)
    return [_OUT[standing]() % {"names": _listed(names)} for standing, names in groups.items()]


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    shown = ", ".join(names[:_NAMED])
    return _("%(names)s and %(n)s more") % {"names": shown, "n": more} if more > 0 else shown
