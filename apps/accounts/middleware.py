"""Who makes the request, found when somebody asks."""

from collections.abc import Awaitable, Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from django.utils.functional import cached_property

from apps.accounts.facade import actor_from_request
from olympus.kernel.actor import Actor

Next = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]


class _LazyActor(cached_property):  # type: ignore[type-arg]  # not generic at run time
    """`request.actor`, looked up at the first read; None for a stranger.

    Not a SimpleLazyObject: one that wraps None is not None, and every check would pass.
    """

    def __init__(self) -> None:
        super().__init__(_look_up)
        self.__set_name__(HttpRequest, "actor")


def _look_up(request: HttpRequest) -> Actor | None:
    return actor_from_request(request)


@sync_and_async_middleware
def ActorMiddleware(get_response: Next) -> Next:  # noqa: N802 - Django spells middleware like classes
    """Give every request its lazy `actor`; pages that never ask cost no query and no thread."""
    if "actor" not in HttpRequest.__dict__:
        HttpRequest.actor = _LazyActor()  # type: ignore[attr-defined]
    return get_response
