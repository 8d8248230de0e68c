"""How often a program may ask: counted on its key and its owner, told in the headers of every answer."""

from time import monotonic
from uuid import UUID

from apps.accounts.contracts import RateState
from apps.accounts.facade import RateLimited, allow, rate_subjects
from apps.gateway.exchange import Exchange
from olympus.kernel.actor import Actor

# With so much left, or a tenth of the limit if that is more, a key does not come to its end within a second …
_PLENTY = 100
_PLENTY_SHARE = 10
# … in which it is therefore not asked before a model is; the answer still waits for the count, and is refused by it.
_PLENTY_S = 1.0
_MOST_KEYS = 4096

_plenty_until: dict[UUID, float] = {}


def has_plenty(actor: Actor) -> bool:
    """This will tell whether a key had so much left a moment ago that this request will hardly be one too many."""
    return actor.api_key_id is not None and _plenty_until.get(actor.api_key_id, 0.0) > monotonic()


async def count_request(exchange: Exchange, actor: Actor | None) -> None:
    """This will count a request on whoever makes it, a stranger by address, and put what is left into the headers.

    Raises:
        RateLimited: nothing is left.
    """
    client = exchange.scope.get("client") or (None,)
    state = await allow(rate_subjects(actor, address=client[0]))
    if actor is not None and actor.api_key_id is not None:
        _note(actor.api_key_id, state)
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


def _note(key_id: UUID, state: RateState) -> None:
    if state.limit is not None and state.remaining < max(_PLENTY, state.limit // _PLENTY_SHARE):
        _plenty_until.pop(key_id, None)
        return
    if len(_plenty_until) >= _MOST_KEYS:
        _plenty_until.clear()
    _plenty_until[key_id] = monotonic() + _PLENTY_S
