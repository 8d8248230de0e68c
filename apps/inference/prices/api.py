"""The price table over REST."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.inference.access import require_administrator
from apps.inference.prices.serializers import NewPriceSerializer, PriceChangeSerializer, PriceSerializer
from apps.inference.pricing import add_price, change_price, price_for_changing, prices_in, remove_price
from olympus.kernel.actor import Actor
from olympus.kernel.rest import (
    PageQuery,
    answer,
    body_of,
    check_unchanged,
    once_by_key,
    operation,
    page_of,
    page_serializer,
    query_of,
)

_TAGS = ["prices"]


class PricesView(APIView):
    """The organization's prices."""

    @operation(
        "prices_list",
        summary="List prices",
        tags=_TAGS,
        query=PageQuery,
        answers=page_serializer(PriceSerializer),
        is_tagged=True,
    )
    def get(self, request: Request) -> Response:
        """What models cost, by the pattern of their names. For owners and administrators."""
        query_of(request, PageQuery)
        actor: Actor = request.actor
        require_administrator(actor)
        return page_of(request, prices_in(actor.organization_id), PriceSerializer, order="pattern")

    @operation(
        "prices_create",
        summary="Store a price",
        tags=_TAGS,
        request=NewPriceSerializer,
        answers={201: PriceSerializer},
        errors=(409, 429),
        is_repeatable=True,
    )
    def post(self, request: Request) -> Response:
        """A model costs what the longest pattern that matches says, a provider's own first."""
        actor: Actor = request.actor
        asked = _named(body_of(request, NewPriceSerializer))

        def add() -> Response:
            price = add_price(actor, **asked)
            place = reverse("api_price", args=[price.pk])
            return answer(request, _shown(price), status=201, headers={"Location": place})

        return once_by_key(request, add)


class PriceView(APIView):
    """One price."""

    @operation(
        "prices_retrieve", summary="Read a price", tags=_TAGS, answers=PriceSerializer, errors=(404,), is_tagged=True
    )
    def get(self, request: Request, price_id: UUID) -> Response:
        """What the models it matches cost."""
        query_of(request)
        return answer(request, _shown(price_for_changing(request.actor, price_id)))

    @operation(
        "prices_update",
        summary="Change a price",
        tags=_TAGS,
        request=PriceChangeSerializer,
        answers=PriceSerializer,
        errors=(404, 409),
        is_tagged=True,
    )
    @transaction.atomic
    def patch(self, request: Request, price_id: UUID) -> Response:
        """Change what is given. Calls that are over keep what they cost."""
        actor: Actor = request.actor
        changes = _named(body_of(request, PriceChangeSerializer))
        check_unchanged(request, lambda: _shown(price_for_changing(actor, price_id, is_locked=True)))
        return answer(request, _shown(change_price(actor, price_id=price_id, **changes)))

    @operation(
        "prices_delete", summary="Remove a price", tags=_TAGS, answers={204: None}, errors=(404,), is_tagged=True
    )
    @transaction.atomic
    def delete(self, request: Request, price_id: UUID) -> Response:
        """Its models cost what another pattern says from now on, or nothing."""
        actor: Actor = request.actor
        check_unchanged(request, lambda: _shown(price_for_changing(actor, price_id, is_locked=True)))
        remove_price(actor, price_id=price_id)
        return Response(status=204)


def _named(asked: dict[str, Any]) -> dict[str, Any]:
    return {("provider_id" if name == "provider" else name): value for name, value in asked.items()}


def _shown(price: Any) -> dict[str, Any]:
    return dict(PriceSerializer(price).data)
