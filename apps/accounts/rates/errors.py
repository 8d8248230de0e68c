"""What a door says to somebody who asks too often."""

from django.utils.translation import gettext, ngettext

from apps.accounts.contracts import RateState
from olympus.kernel.errors import LimitReached

_MINUTE_S = 60


class RateLimited(LimitReached):
    """You ask more often than is allowed; try again later."""

    code = "rate_limited"

    def __init__(self, state: RateState) -> None:
        wait_s = state.retry_after_s or 1
        super().__init__(_sentence(state, wait_s), retry_after_s=wait_s)
        self.state = state


def _sentence(state: RateState, wait_s: int) -> str:
    if wait_s < 2 * _MINUTE_S:
        when = ngettext("Try again in %(n)s second.", "Try again in %(n)s seconds.", wait_s) % {"n": wait_s}
    else:
        minutes = -(-wait_s // _MINUTE_S)
        when = ngettext("Try again in %(n)s minute.", "Try again in %(n)s minutes.", minutes) % {"n": minutes}
    limit = {"limit": state.limit, "minutes": max(1, state.window_s // _MINUTE_S)}
    return gettext("You have made %(limit)s requests in %(minutes)s minutes, which is the limit.") % limit + " " + when
