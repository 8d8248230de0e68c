"""Who answered a message: the stored form read back, and checked where it comes from elsewhere."""

from typing import Any

import msgspec

from apps.agents.contracts import Route

# Far above what a call can bring: an export may have been edited by hand.
_MOST_SWITCHES = 50
_MOST_REASONS = 20
_MOST_CHARS = 500
_MOST_AT = 2_000_000_000


def read_route(stored: Any) -> Route | None:
    """This will read a stored route; None for what is none."""
    if not stored:
        return None
    try:
        return msgspec.convert(stored, Route)
    except msgspec.ValidationError:
        return None


def checked_route(given: Any) -> dict[str, Any] | None:
    """This will take from an export what is a route and of a size one can have, in its stored form."""
    route = read_route(given)
    if route is None:
        return None
    words = [route.asked, route.model, route.provider, route.tier, route.cache, *route.reasons]
    words += [word for switch in route.switches for word in (switch.from_, switch.to, switch.model)]
    is_small = len(route.switches) <= _MOST_SWITCHES and len(route.reasons) <= _MOST_REASONS
    if (
        not is_small
        or any(len(word) > _MOST_CHARS for word in words)
        or not all(0 <= s.at <= _MOST_AT for s in route.switches)
    ):
        return None
    plain: dict[str, Any] = msgspec.to_builtins(route)
    return plain
