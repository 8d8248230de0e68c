"""Rate limits: what an owner sets, and how they follow the load."""

from django.db import transaction
from django.utils.translation import gettext as _
from redis import RedisError

from apps.accounts.access import check_owns_everything
from apps.accounts.contracts import RateClassName
from apps.accounts.models import RateClass
from apps.accounts.rates import stored
from apps.accounts.rates.classes import DEFAULTS, Limit
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Invalid, NotFound
from olympus.kernel.load import queued_work

# With fewer nobody could sign in or reach the page where it is changed.
LEAST_REQUESTS = 30
MOST_REQUESTS = 1_000_000_000
LONGEST_WINDOW_S = 86_400  # more than a day is what budgets are for
SHORTEST_WINDOW_S = 1


@transaction.atomic
def set_rate_limit(*, actor: Actor, name: str, requests: int | None, window_s: int) -> None:
    """This will change how often a class may ask, in all processes at once; None is no limit.

    Raises:
        Denied: not an owner of this Olympus in person.
        NotFound: no such class.
        Invalid: out of bounds.
    """
    check_owns_everything(actor)
    store_rate_limit(name, requests, window_s)
    audit.record("rate_limit.change", actor=actor, subject=name, requests=requests, window_s=window_s)


def store_rate_limit(name: str, requests: int | None, window_s: int) -> None:
    """This will do the same for whoever holds the machine, without asking who acts."""
    rate_class = _class_named(name)
    if requests is not None and not LEAST_REQUESTS <= requests <= MOST_REQUESTS:
        bounds = {"least": LEAST_REQUESTS, "most": MOST_REQUESTS}
        raise Invalid(
            _("Allow from %(least)s to %(most)s requests, or as many as one likes.") % bounds, field="requests"
        )
    if not SHORTEST_WINDOW_S <= window_s <= LONGEST_WINDOW_S:
        raise Invalid(_("Count over a second to a day."), field="window_s")
    values = {"requests": requests, "window_s": window_s}
    if Limit(requests, window_s) == DEFAULTS[rate_class]:
        RateClass.objects.filter(pk=rate_class.value).delete()
    else:
        RateClass.objects.update_or_create(name=rate_class.value, defaults=values)
    transaction.on_commit(stored.publish)


@transaction.atomic
def reset_rate_limit(*, actor: Actor, name: str) -> None:
    """This will give a class its default again.

    Raises:
        Denied, NotFound.
    """
    check_owns_everything(actor)
    rate_class = _class_named(name)
    RateClass.objects.filter(pk=rate_class.value).delete()
    transaction.on_commit(stored.publish)
    audit.record("rate_limit.reset", actor=actor, subject=name)


def follow_load(*, now: float) -> float | None:
    """This will tighten or relax the limits after the queue and make them known again; None while Valkey is away."""
    try:
        factor = stored.follow_load(waiting=queued_work().waiting, now=now)
    except (RedisError, OSError):
        return None
    stored.publish()
    return factor


def _class_named(name: str) -> RateClassName:
    try:
        return RateClassName(name)
    except ValueError:
        raise NotFound(_("There is no such class of rate limits.")) from None
