"""Models where they are over REST: listed, shown, copied, deleted, unloaded, and who may use them."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.inference.access import require_administrator
from apps.inference.managing.api import TAGS
from apps.inference.managing.changing import copy_model, delete_model, show_model, unload_model
from apps.inference.managing.depending import dependents_of
from apps.inference.managing.reading import access_row, installed_models
from apps.inference.managing.rules import limit_model, open_model, rule_for, rules_of, undo_access
from apps.inference.managing.serializers import (
    AccessChangeSerializer,
    AccessSerializer,
    AccessUndoSerializer,
    CopySerializer,
    InstalledSerializer,
    ModelOnSerializer,
    ShownSerializer,
)
from olympus.kernel.actor import Actor
from olympus.kernel.rest import (
    PageQuery,
    Query,
    answer,
    body_of,
    once_by_key,
    operation,
    page_of,
    page_of_list,
    page_serializer,
    query_of,
)

F = TypeVar("F", bound=Callable[..., Any])


class ModelOnQuery(Query):
    """A model of a server."""

    provider = serializers.UUIDField()
    model = serializers.CharField(max_length=300)


def _on_a_model(operation_id: str, *, summary: str) -> Callable[[F], F]:
    """Describe an operation on a model of a server that answers with nothing."""
    return operation(
        operation_id,
        summary=summary,
        tags=TAGS,
        request=ModelOnSerializer,
        answers={204: None},
        errors=(404, 409, 503),
        is_repeatable=True,
    )


def _done(request: Any, work: Callable[..., None]) -> Response:
    asked = body_of(request, ModelOnSerializer)

    def do() -> Response:
        work(request.actor, provider_id=asked["provider"], model=asked["model"])
        return Response(status=204)

    return once_by_key(request, do)


class InstalledView(APIView):
    """The models of all servers."""

    @operation(
        "models_installed_list",
        summary="List installed models",
        tags=TAGS,
        query=PageQuery,
        answers=page_serializer(InstalledSerializer),
        is_tagged=True,
    )
    def get(self, request: Any) -> Response:
        """Each model of each enabled server, as the servers told it last. For owners and administrators."""
        query_of(request, PageQuery)
        require_administrator(request.actor)
        rows = installed_models(request.actor.organization_id)
        return page_of_list(
            request,
            rows,
            InstalledSerializer,
            name="models.installed",
            key=lambda row: (str(row["provider"]), row["model"]),
        )


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
        is_repeatable=True,
    )
    def post(self, request: Any) -> Response:
        """Give a model a second name on its server."""
        asked = body_of(request, CopySerializer)

        def copy() -> Response:
            name = copy_model(request.actor, provider_id=asked["provider"], model=asked["model"], name=asked["name"])
            return Response({"provider": str(asked["provider"]), "model": name}, status=201)

        return once_by_key(request, copy)


class DeleteView(APIView):
    """A model's end."""

    @_on_a_model("models_delete", summary="Delete a model")
    def post(self, request: Any) -> Response:
        """Remove it from the server. `models/show` tells what would miss it."""
        return _done(request, delete_model)


class UnloadView(APIView):
    """Memory freed."""

    @_on_a_model("models_unload", summary="Unload a model")
    def post(self, request: Any) -> Response:
        """Free the memory it takes; answers under way are finished first."""
        return _done(request, unload_model)


class AccessView(APIView):
    """Who may use which model."""

    @operation(
        "models_access_list",
        summary="List who may use which model",
        tags=TAGS,
        query=PageQuery,
        answers=page_serializer(AccessSerializer),
        is_tagged=True,
    )
    def get(self, request: Any) -> Response:
        """The models that are not everybody's. For owners and administrators."""
        query_of(request, PageQuery)
        actor: Actor = request.actor
        require_administrator(actor)
        return page_of(
            request,
            rules_of(actor.organization_id),
            AccessSerializer,
            order="key",
            present=lambda rules: [access_row(rule.key, rule) for rule in rules],
        )

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


class AccessUndoView(APIView):
    """The last change of who may use a model."""

    @operation(
        "models_access_undo",
        summary="Take back who may use a model",
        tags=TAGS,
        request=AccessUndoSerializer,
        answers=AccessSerializer,
        errors=(409,),
        is_repeatable=True,
    )
    def post(self, request: Any) -> Response:
        """Put back what held before the last change; doing it again without a key puts that back."""
        model = body_of(request, AccessUndoSerializer)["model"]

        def undo() -> Response:
            return Response(dict(AccessSerializer(access_row(model, undo_access(request.actor, model=model))).data))

        return once_by_key(request, undo)
