"""Who makes the request, found when somebody asks, and the language they read."""

from collections.abc import Awaitable, Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.decorators import sync_and_async_middleware
from django.utils.functional import cached_property

from apps.accounts.facade import actor_from_request
from olympus.kernel.actor import Actor
from olympus.kernel.db import is_away
from olympus.page_errors import database_away

# What watches over Olympus asks every few seconds from one address.
NEEDS_NO_STORE = ("/healthz", "/readyz", "/metrics")

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


class LanguageMiddleware(LocaleMiddleware):
    """Answer in the language the person chose, else in the browser's."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]  # Django's types know no answer
        """Choose; the person is read here, once, for whoever asks later."""
        super().process_request(request)
        try:
            language = getattr(request.user, "language", "")
        except DatabaseError as error:
            # Health checks need nothing; all else that is a person's would only wait for the store once more.
            request.is_store_away = True  # type: ignore[attr-defined]
            return database_away(request) if is_away(error) and request.path_info not in NEEDS_NO_STORE else None
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        return None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Leave the thread as it was: the next that runs in it speaks for somebody else."""
        answered = super().process_response(request, response)
        translation.deactivate()
        return answered
