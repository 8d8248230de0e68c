"""Rate limits over REST: everybody may know them, owners change them."""

from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.authentication import IsPerson
from apps.accounts.rates.counting import factor_now
from apps.accounts.rates.stored import RateLimit, rate_limits
from apps.accounts.serializers import RateLimitChangeSerializer, RateLimitSerializer, RateLimitsSerializer
from apps.accounts.services import limits
from olympus.kernel.errors import NotFound
from olympus.kernel.rest import body_of, operation, query_of

_TAGS = ["rate limits"]


class RateLimitsView(APIView):
    """All classes."""

    @operation("rate_limits_list", summary="List rate limits", tags=_TAGS, answers=RateLimitsSerializer)
    def get(self, request: Request) -> Response:
        """How often each class may ask, and by which factor a long queue tightens that now.

        What is left of yours is in the headers of every answer: `RateLimit` and `X-RateLimit-Remaining`.
        """
        query_of(request)
        factor = factor_now(now=timezone.now().timestamp())
        return Response(RateLimitsSerializer({"factor": factor, "results": rate_limits()}).data)


class RateLimitView(APIView):
    """One class."""

    permission_classes = (IsPerson,)

    @operation(
        "rate_limits_update",
        summary="Change a rate limit",
        tags=_TAGS,
        request=RateLimitChangeSerializer,
        answers=RateLimitSerializer,
        errors=(404,),
    )
    @transaction.atomic
    def patch(self, request: Request, name: str) -> Response:
        """Give a class another limit, which holds at once; for owners."""
        asked = body_of(request, RateLimitChangeSerializer)
        before = _found(name)
        limits.set_rate_limit(
            actor=request.actor,
            name=name,
            requests=asked.get("requests", before.requests),
            window_s=asked.get("window_s", before.window_s),
        )
        return Response(RateLimitSerializer(_found(name)).data)

    @operation(
        "rate_limits_reset", summary="Reset a rate limit", tags=_TAGS, answers=RateLimitSerializer, errors=(404,)
    )
    @transaction.atomic
    def delete(self, request: Request, name: str) -> Response:
        """Give a class its default again; for owners."""
        limits.reset_rate_limit(actor=request.actor, name=name)
        return Response(RateLimitSerializer(_found(name)).data)


def _found(name: str) -> RateLimit:
    found = next((each for each in rate_limits() if each.name == name), None)
    if found is None:
        raise NotFound
    return found
