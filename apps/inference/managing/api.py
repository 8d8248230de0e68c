"""Models brought onto servers over REST: pulled, made, loaded, followed and cancelled."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.inference.access import require_administrator
from apps.inference.managing.access import job_for_managing
from apps.inference.managing.changing import load_model, send_adapter
from apps.inference.managing.ordering import cancel_job, jobs_in, order_creation, order_pull, retry_job
from apps.inference.managing.serializers import (
    AdapterSerializer,
    CreationSerializer,
    DigestSerializer,
    ModelJobSerializer,
    ModelOnSerializer,
    PullSerializer,
)
from olympus.kernel.actor import Actor
from olympus.kernel.rest import PageQuery, answer, body_of, once_by_key, operation, page_of, page_serializer, query_of

TAGS = ["models"]


class PullsView(APIView):
    """Models pulled, made and loaded."""

    @operation(
        "models_pulls_list",
        summary="List models on their way",
        tags=TAGS,
        query=PageQuery,
        answers=page_serializer(ModelJobSerializer),
        is_tagged=True,
    )
    def get(self, request: Request) -> Response:
        """What is being pulled, made or loaded, and what became of it, the newest first. For administrators."""
        query_of(request, PageQuery)
        actor: Actor = request.actor
        require_administrator(actor)
        return page_of(request, jobs_in(actor.organization_id), ModelJobSerializer, order="-id")

    @operation(
        "models_pulls_create",
        summary="Pull a model",
        tags=TAGS,
        request=PullSerializer,
        answers={201: ModelJobSerializer},
        errors=(404, 409),
        is_repeatable=True,
    )
    def post(self, request: Request) -> Response:
        """Have a server fetch a model, or bring up to date one it has. Follow it at `Location`, or on the socket."""
        asked = body_of(request, PullSerializer)
        return _ordered(request, lambda: order_pull(request.actor, provider_id=asked["provider"], model=asked["model"]))


class CreationsView(APIView):
    """Models made of others."""

    @operation(
        "models_creations_create",
        summary="Make a model",
        tags=TAGS,
        request=CreationSerializer,
        answers={201: ModelJobSerializer},
        errors=(404, 409),
        is_repeatable=True,
    )
    def post(self, request: Request) -> Response:
        """Make a model of another: with a system prompt, parameters, an adapter, or quantized."""
        asked = body_of(request, CreationSerializer)
        provider_id = asked.pop("provider")
        return _ordered(request, lambda: order_creation(request.actor, provider_id=provider_id, **asked))


class AdaptersView(APIView):
    """Files of adapters."""

    parser_classes = (MultiPartParser,)

    @operation(
        "models_adapters_create",
        summary="Send an adapter",
        tags=TAGS,
        request=AdapterSerializer,
        answers={201: DigestSerializer},
        errors=(404, 409, 503),
    )
    def post(self, request: Request) -> Response:
        """Bring an adapter of at most 1 GB to a server, to make a model with it. Sent again it is there already."""
        require_administrator(request.actor)  # before a gigabyte is read
        asked = body_of(request, AdapterSerializer)
        file = asked["file"]
        digest = send_adapter(request.actor, provider_id=asked["provider"], file=file.file, size_bytes=file.size)
        return Response({"digest": digest}, status=201)


class LoadsView(APIView):
    """Models read into memory."""

    @operation(
        "models_load",
        summary="Load a model",
        tags=TAGS,
        request=ModelOnSerializer,
        answers={201: ModelJobSerializer},
        errors=(404, 409),
        is_repeatable=True,
    )
    def post(self, request: Request) -> Response:
        """Have a server read a model into memory. It is followed and cancelled as a pull is."""
        asked = body_of(request, ModelOnSerializer)
        return _ordered(request, lambda: load_model(request.actor, provider_id=asked["provider"], model=asked["model"]))


class PullView(APIView):
    """One model on its way."""

    @operation(
        "models_pulls_retrieve",
        summary="Read a model's way",
        tags=TAGS,
        answers=ModelJobSerializer,
        errors=(404,),
        is_tagged=True,
    )
    def get(self, request: Request, job_id: UUID) -> Response:
        """How far it is, or what became of it."""
        query_of(request)
        return answer(request, _shown(job_for_managing(request.actor, job_id)))


class PullCancelView(APIView):
    """One to be stopped."""

    @operation(
        "models_pulls_cancel",
        summary="Cancel a model's way",
        tags=TAGS,
        answers=ModelJobSerializer,
        errors=(404, 409),
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        """Stop it. What arrived stays on the server, and a later pull goes on from there."""
        return Response(_shown(cancel_job(request.actor, job_id=job_id)))


class PullRetryView(APIView):
    """One to be tried again."""

    @operation(
        "models_pulls_retry",
        summary="Try a model's way again",
        tags=TAGS,
        answers={201: ModelJobSerializer},
        errors=(404, 409),
        is_repeatable=True,
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        """Order again what failed or was cancelled."""
        return _ordered(request, lambda: retry_job(request.actor, job_id=job_id))


def _ordered(request: Request, order: Callable[[], Any]) -> Response:
    def work() -> Response:
        job = order()
        place = reverse("api_models_pull", args=[job.pk])
        return answer(request, _shown(job), status=201, headers={"Location": place})

    return once_by_key(request, work)


def _shown(job: Any) -> dict[str, Any]:
    return dict(ModelJobSerializer(job).data)
