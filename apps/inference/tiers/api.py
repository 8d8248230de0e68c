"""Tiers over REST."""

from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.inference.access import require_administrator
from apps.inference.engine.complexity import Question
from apps.inference.tiers.changing import change_tier, lock_tiers, reset_tier, tier_named
from apps.inference.tiers.explaining import explain
from apps.inference.tiers.pages import tier_view, tier_views
from apps.inference.tiers.serializers import (
    AskedSerializer,
    ExplanationSerializer,
    TierChangeSerializer,
    TierSerializer,
    TiersSerializer,
    WholeTierSerializer,
)
from olympus.kernel.actor import Actor
from olympus.kernel.rest import answer, body_of, check_unchanged, operation, query_of

_TIERS = ["tiers"]


class TiersView(APIView):
    """What fast, balanced and powerful are."""

    @operation("tiers_list", summary="List tiers", tags=_TIERS, answers=TiersSerializer, is_tagged=True)
    def get(self, request: Request) -> Response:
        """The three tiers with their models in the order they are tried. For owners and administrators."""
        query_of(request)
        actor: Actor = request.actor
        require_administrator(actor)
        return answer(request, {"results": TierSerializer(tier_views(actor.organization_id), many=True).data})


class TierView(APIView):
    """One tier."""

    @operation(
        "tiers_retrieve", summary="Read a tier", tags=_TIERS, answers=TierSerializer, errors=(404,), is_tagged=True
    )
    def get(self, request: Request, tier: str) -> Response:
        """One of `fast`, `balanced` and `powerful`."""
        query_of(request)
        require_administrator(request.actor)
        return answer(request, _shown(request.actor, tier))

    @operation(
        "tiers_replace", summary="Say what a tier is", tags=_TIERS, request=WholeTierSerializer,
        answers=TierSerializer, errors=(404,), is_tagged=True,
    )  # fmt: skip
    def put(self, request: Request, tier: str) -> Response:
        """Store all of a tier; what is left out is emptied."""
        return _change(request, tier, WholeTierSerializer)

    @operation(
        "tiers_update", summary="Change a tier", tags=_TIERS, request=TierChangeSerializer,
        answers=TierSerializer, errors=(404,), is_tagged=True,
    )  # fmt: skip
    def patch(self, request: Request, tier: str) -> Response:
        """Change what is given."""
        return _change(request, tier, TierChangeSerializer)

    @operation(
        "tiers_reset", summary="Have a tier picked", tags=_TIERS, answers={204: None}, errors=(404,), is_tagged=True
    )
    @transaction.atomic
    def delete(self, request: Request, tier: str) -> Response:
        """Forget what was entered: its models are picked from what is connected again."""
        actor: Actor = request.actor
        require_administrator(actor)
        name = tier_named(tier)
        lock_tiers(actor.organization_id)
        check_unchanged(request, lambda: _shown(actor, tier))
        reset_tier(actor, name)
        return Response(status=204)


class ExplainView(APIView):
    """A question looked at."""

    @operation(
        "tiers_explain", summary="Explain a choice", tags=_TIERS, request=AskedSerializer, answers=ExplanationSerializer
    )
    def post(self, request: Request) -> Response:
        """What `auto` or a tier would choose for a text and why; no model is asked and nothing is stored."""
        asked = body_of(request, AskedSerializer)
        model = asked.pop("model")
        return Response(ExplanationSerializer(explain(request.actor, Question(**asked), model=model)).data)


@transaction.atomic
def _change(request: Request, tier: str, shape: type[TierChangeSerializer]) -> Response:
    actor: Actor = request.actor
    require_administrator(actor)
    name = tier_named(tier)
    changes = body_of(request, shape)
    lock_tiers(actor.organization_id)
    check_unchanged(request, lambda: _shown(actor, tier))
    change_tier(actor, name, **changes)
    return answer(request, _shown(actor, tier))


def _shown(actor: Actor, tier: str) -> dict[str, Any]:
    return dict(TierSerializer(tier_view(actor.organization_id, tier_named(tier))).data)
