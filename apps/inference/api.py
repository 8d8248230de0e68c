"""Models and providers over REST."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.facade import models_allowed_to
from apps.inference import services
from apps.inference.access import provider_for_changing, require_administrator
from apps.inference.contracts import Capability, ProviderKind
from apps.inference.facade import choose_model, models_for
from apps.inference.pool.reporting import health_of
from apps.inference.selectors import providers_of
from apps.inference.serializers import (
    ModelQuery,
    ModelSerializer,
    ModelsSerializer,
    NewProviderSerializer,
    ProviderChangeSerializer,
    ProviderNowSerializer,
    ProviderSerializer,
    ProvidersSerializer,
)
from olympus.kernel.actor import Actor
from olympus.kernel.rest import answer, body_of, check_unchanged, once_by_key, operation, query_of

_MODELS = ["models"]
_PROVIDERS = ["providers"]


class ModelsView(APIView):
    """What answers can be asked of."""

    @operation(
        "models_list",
        summary="List models",
        tags=_MODELS,
        query=ModelQuery,
        answers=ModelsSerializer,
        is_tagged=True,
    )
    def get(self, request: Request) -> Response:
        """What you may ask: `auto` and the tiers, the models of all enabled providers, the engine that is built in last.

        A key sees its own models alone. No server is asked for it.
        """
        organization_id = request.actor.organization_id
        wanted = query_of(request, ModelQuery).get("capability")
        choices = [
            choice
            for choice in models_for(organization_id, models_allowed_to(request.actor), user_id=request.actor.user_id)
            if wanted is None or Capability(wanted) in choice.capabilities
        ]
        context = {"default": choose_model(organization_id, None, user_id=request.actor.user_id)}
        return answer(request, {"results": ModelSerializer(choices, many=True, context=context).data})


class ProvidersView(APIView):
    """The organization's model servers."""

    @operation(
        "providers_list",
        summary="List providers",
        tags=_PROVIDERS,
        answers=ProvidersSerializer,
        is_tagged=True,
    )
    def get(self, request: Request) -> Response:
        """The model servers of your organization, the oldest first. For owners and administrators."""
        query_of(request)
        require_administrator(request.actor)
        return answer(request, _all(request.actor))

    @operation(
        "providers_create",
        summary="Connect a model server",
        tags=_PROVIDERS,
        request=NewProviderSerializer,
        answers={201: ProviderNowSerializer},
        errors=(409,),
        is_repeatable=True,
    )
    def post(self, request: Request) -> Response:
        """Store a model server and ask it for its models; one that does not answer is stored all the same."""
        actor: Actor = request.actor
        asked = body_of(request, NewProviderSerializer)

        def add() -> Response:
            provider = services.add_provider(actor, **{**asked, "kind": ProviderKind(asked["kind"])})
            place = reverse("api_provider", args=[provider.pk])
            return answer(request, _shown(provider), tagged=_stored(provider), status=201, headers={"Location": place})

        return once_by_key(request, add)


class ProvidersRefreshView(APIView):
    """All of them asked again."""

    @operation(
        "providers_refresh", summary="Ask all providers for their models", tags=_PROVIDERS, answers=ProvidersSerializer
    )
    def post(self, request: Request) -> Response:
        """Ask every enabled provider now and answer with what each says."""
        services.refresh_own(request.actor)
        return Response(_all(request.actor))


class ProviderView(APIView):
    """One model server."""

    @operation(
        "providers_retrieve",
        summary="Read a provider",
        tags=_PROVIDERS,
        answers=ProviderNowSerializer,
        errors=(404,),
        is_tagged=True,
    )
    def get(self, request: Request, provider_id: UUID) -> Response:
        """What it is, how it is now, and which models it offered when it was last asked.

        The tag stands for what is stored, so that how it is just now hinders no change.
        """
        query_of(request)
        provider = provider_for_changing(request.actor, provider_id)
        return answer(request, _shown(provider), tagged=_stored(provider))

    @operation(
        "providers_update",
        summary="Change a provider",
        tags=_PROVIDERS,
        request=ProviderChangeSerializer,
        answers=ProviderNowSerializer,
        errors=(404, 409),
        is_tagged=True,
    )
    @transaction.atomic
    def patch(self, request: Request, provider_id: UUID) -> Response:
        """Change what is given. It is not asked again; test it for that."""
        actor: Actor = request.actor
        changes = body_of(request, ProviderChangeSerializer)
        check_unchanged(request, lambda: _stored(provider_for_changing(actor, provider_id, is_locked=True)))
        provider = services.change_provider(actor, provider_id=provider_id, **changes)
        return answer(request, _shown(provider), tagged=_stored(provider))

    @operation(
        "providers_delete",
        summary="Remove a provider",
        tags=_PROVIDERS,
        answers={204: None},
        errors=(404,),
        is_tagged=True,
    )
    @transaction.atomic
    def delete(self, request: Request, provider_id: UUID) -> Response:
        """Forget it and its key; answers it gave stay."""
        actor: Actor = request.actor
        check_unchanged(request, lambda: _stored(provider_for_changing(actor, provider_id, is_locked=True)))
        services.remove_provider(actor, provider_id=provider_id)
        return Response(status=204)


class ProviderTestView(APIView):
    """One asked now."""

    @operation(
        "providers_test", summary="Test a provider", tags=_PROVIDERS, answers=ProviderNowSerializer, errors=(404,)
    )
    def post(self, request: Request, provider_id: UUID) -> Response:
        """Ask it for its models now; `last_error` says why it did not answer."""
        return Response(_shown(services.test_provider(request.actor, provider_id=provider_id)))


def _shown(provider: Any) -> dict[str, Any]:
    provider.health = health_of(provider)
    return dict(ProviderNowSerializer(provider).data)


def _stored(provider: Any) -> dict[str, Any]:
    return dict(ProviderSerializer(provider).data)


def _all(actor: Actor) -> dict[str, Any]:
    return {"results": [_shown(provider) for provider in providers_of(actor.organization_id)]}
