"""Models where they are over REST: listed, shown, copied, deleted, unloaded, and who may use them."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.inference.access import require_administrator
from apps.inference.managing.api import TAGS
from apps.inference.managing.changing import copy_model, delete_model, show_model, unload_model
from apps.inference.managing.depending import dependents_of
from apps.inference.managing.reading import access_row, installed_models
from apps.inference.managing.rules import limit_model, open_model, rule_for, rules_of
from apps.inference.managing.serializers import (
    AccessChangeSerializer,
    AccessListSerializer,
    AccessSerializer,
    CopySerializer,
    InstalledListSerializer,
    ModelOnSerializer,
    ShownSerializer,
)
from olympus.kernel.actor import Actor
from olympus.kernel.rest import Query, answer, body_of, operation, query_of


class ModelOnQuery(Query):
    """A model of a server."""

    provider = serializers.UUIDField()
    model = serializers.CharField(max_length=300)


class InstalledView(APIView):
    """The models of all servers."""

    @operation(
        "models_installed_list",
        summary="List installed models",
        tags=TAGS,
        answers=InstalledListSerializer,
        is_tagged=True,
    )
    def get(self, request: Any) -> Response:
        """Each model of each enabled server, as the servers told it last. For owners and administrators."""
        query_of(request)
        require_administrator(request.actor)
        rows = installed_models(request.actor.organization_id)
        return answer(request, dict(InstalledListSerializer({"results": rows}).data))


class ShowView(APIView):
    """One model."""

    @operation(
        "models_show",
        summary="Show a model",
        tags=TAGS,
        query=ModelOnQuery,
        answers=ShownSerializer,
        errors=(404, 409, 503),
        is_tagged=True,
    )
    def get(self, request: Any) -> Response:
        """Its template, parameters, license and system prompt; the server is asked. And what would miss it."""
        asked = query_of(request, ModelOnQuery)
        actor: Actor = request.actor
        shown = show_model(actor, provider_id=asked["provider"], model=asked["model"])
        missing = dependents_of(actor.organization_id, shown.provider.pk, shown.model)
        names = {"tiers": missing.tiers, "named_by": missing.others}
        data = {"provider": shown.provider.pk, "model": shown.model, **asdict(shown.told), **names}
        return answer(request, dict(ShownSerializer(data).data))


class CopyView(APIView):
    """A second name."""

    @operation(
        "models_copy",
        summary="Copy a model",
        tags=TAGS,
        request=CopySerializer,
        answers={201: ModelOnSerializer},
        errors=(404, 409, 503),
    )
    def post(self, request: Any) -> Response:
        """Give a model a second name on its server."""
        asked = body_of(request, CopySerializer)
        name = copy_model(request.actor, provider_id=asked["provider"], model=asked["model"], name=asked["name"])
        return Response({"provider": str(asked["provider"]), "model": name}, status=201)


class DeleteView(APIView):
    """A model's end."""

    @operation(
        "models_delete",
        summary="Delete a model",
        tags=TAGS,
        request=ModelOnSerializer,
        answers={204: None},
        errors=(404, 409, 503),
    )
    def post(self, request: Any) -> Response:
        """Remove it from the server. `models/show` tells what would miss it."""
        asked = body_of(request, ModelOnSerializer)
        delete_model(request.actor, provider_id=asked["provider"], model=asked["model"])
        return Response(status=204)


class UnloadView(APIView):
    """Memory freed."""

    @operation(
        "models_unload",
        summary="Unload a model",
        tags=TAGS,
        request=ModelOnSerializer,
        answers={204: None},
        errors=(404, 409, 503),
    )
    def post(self, request: Any) -> Response:
        """Free the memory it takes; answers under way are finished first."""
        asked = body_of(request, ModelOnSerializer)
        unload_model(request.actor, provider_id=asked["provider"], model=asked["model"])
        return Response(status=204)


class AccessView(APIView):
    """Who may use which model."""

    @operation(
        "models_access_list",
        summary="List who may use which model",
        tags=TAGS,
        answers=AccessListSerializer,
        is_tagged=True,
    )
    def get(self, request: Any) -> Response:
        """The models that are not everybody's. For owners and administrators."""
        query_of(request)
        require_administrator(request.actor)
        rows = [access_row(rule.key, rule) for rule in rules_of(request.actor.organization_id)]
        return answer(request, dict(AccessListSerializer({"results": rows}).data))

    @operation(
        "models_access_set",
        summary="Say who may use a model",
        tags=TAGS,
        request=AccessChangeSerializer,
        answers=AccessSerializer,
    )
    def put(self, request: Any) -> Response:
        """Keep a model to roles and people, or open it to everybody. It holds in every door within a second."""
        asked = body_of(request, AccessChangeSerializer)
        actor, model = request.actor, asked["model"]
        if asked["is_open"]:
            open_model(actor, model=model)
        else:
            limit_model(actor, model=model, roles=asked.get("roles", []), user_ids=asked.get("people", []))
        row: dict[str, Any] = access_row(model, rule_for(actor.organization_id, model))
        return Response(dict(AccessSerializer(row).data))
