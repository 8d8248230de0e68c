"""Rate limits on everything Django answers: REST, changes from pages, and strangers at any page."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import sync_and_async_middleware

from apps.accounts.contracts import RateState
from apps.accounts.middleware import NEEDS_NO_STORE
from apps.accounts.rates import counting
from apps.accounts.rates.errors import RateLimited
from apps.accounts.rates.subjects import subjects_of
from olympus.kernel.db import is_away
from olympus.page_errors import database_away
from olympus.problems import API, MEDIA_TYPE, problem_of

logger = logging.getLogger(__name__)

Next = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@sync_and_async_middleware
def RateLimitMiddleware(get_response: Next) -> Next:  # noqa: N802 - Django spells middleware like classes
    """Count each request on whoever makes it, and answer 429 to those who ask too often.

    Pages that a signed-in person only reads are not counted: nobody clicks so fast.
    """
    if iscoroutinefunction(get_response):

        async def guard_async(request: HttpRequest) -> HttpResponseBase:
            if not _is_counted(request):
                return await get_response(request)
            state, answer = await sync_to_async(_decided)(request)
            return _with_headers(answer or await get_response(request), state)

        return guard_async

    def guard(request: HttpRequest) -> HttpResponseBase:
        if not _is_counted(request):
            return get_response(request)  # type: ignore[return-value]
        state, answer = _decided(request)
        response: Any = answer or get_response(request)
        return _with_headers(response, state)

    return guard


def _is_counted(request: HttpRequest) -> bool:
    path = request.path_info
    if path in NEEDS_NO_STORE or path.startswith(settings.STATIC_URL):
        return False
    if path.startswith(API) or request.method not in _SAFE_METHODS:
        return True
    # The language was chosen by who reads, so this asks nobody again.
    return getattr(request, "is_store_away", False) or not request.user.is_authenticated


def _decided(request: HttpRequest) -> tuple[RateState, HttpResponseBase | None]:
    """Count and, where that ends it, answer; in a thread, since a page asks the database how its reader likes it."""
    state = _count(request)
    return state, _instead(request, state)


def _count(request: HttpRequest) -> RateState:
    actor = None
    if not getattr(request, "is_store_away", False):
        try:
            actor = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware
        except DatabaseError as error:
            logger.info("counted by address: the database does not say who asks")
            request.is_database_away = is_away(error)  # type: ignore[attr-defined]
    subjects = subjects_of(actor, address=request.META.get("REMOTE_ADDR"), session_key=request.session.session_key)
    return counting.count(subjects)


def _instead(request: HttpRequest, state: RateState) -> HttpResponseBase | None:
    """What is answered at once: to whoever asks too often, or would wait for the same database once more."""
    if not state.is_allowed:
        return _refusal(request, state)
    return database_away(request) if getattr(request, "is_database_away", False) else None


def _with_headers(response: HttpResponseBase, state: RateState) -> HttpResponseBase:
    for name, value in state.headers.items():
        response.headers.setdefault(name, value)
    return response


def _refusal(request: HttpRequest, state: RateState) -> HttpResponseBase:
    error = RateLimited(state)
    if request.path_info.startswith(API):
        return JsonResponse(problem_of(error), status=429, content_type=MEDIA_TYPE)
    if request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
        return render(request, "429.html", {"said": error.message}, status=429)
    return HttpResponse(error.message, status=429, content_type="text/plain; charset=utf-8")
