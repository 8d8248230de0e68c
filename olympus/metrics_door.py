"""`/metrics`: what Olympus counts of itself, for those who run it."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from apps.accounts.facade import default_organization_id, require_actor
from olympus.kernel.actor import Actor
from olympus.kernel.metrics import rendered

_BEARER = "Bearer "


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponseBase:
    """This will answer a scraper that has METRICS_TOKEN, an administrator, or their key; everybody else not.

    It tells of all organizations, so only those of the one that runs this Olympus are asked in.
    """
    given = request.headers.get("Authorization", "").removeprefix(_BEARER)
    if settings.METRICS_TOKEN and constant_time_compare(given.encode(), settings.METRICS_TOKEN.encode()):
        return _answer()
    return _for_administrators(request)


@require_actor
def _for_administrators(request: HttpRequest) -> HttpResponseBase:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware
    if not actor.may_administer or actor.organization_id != default_organization_id():
        raise PermissionDenied
    return _answer()


def _answer() -> HttpResponse:
    return HttpResponse(rendered(), content_type=CONTENT_TYPE_LATEST)
