"""How often a program may ask: counted on its key and its owner, told in the headers of every answer."""

from apps.accounts.facade import RateLimited, allow, rate_subjects
from apps.gateway.exchange import Exchange
from olympus.kernel.actor import Actor


async def count_request(exchange: Exchange, actor: Actor | None) -> None:
    """This will count a request on whoever makes it, a stranger by address, and put what is left into the headers.

    Raises:
        RateLimited: nothing is left.
    """
    client = exchange.scope.get("client") or (None,)
    state = await allow(rate_subjects(actor, address=client[0]))
    if state.limit is None:
        return
    exchange.response_headers += [
        (name.lower().encode(), value.encode()) for name, value in state.headers.items() if name != "Retry-After"
    ]
    exchange.response_headers += [
        (b"x-ratelimit-limit-requests", b"%d" % state.limit),
        (b"x-ratelimit-remaining-requests", b"%d" % state.remaining),
        (b"x-ratelimit-reset-requests", b"%ds" % state.reset_s),
    ]
    if not state.is_allowed:
        raise RateLimited(state)
