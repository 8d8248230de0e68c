"""Services over REST."""

from typing import Any
from uuid import UUID

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.discovery.access import require_administrator, service_for_changing
from apps.discovery.selectors import history_of, services_of
from apps.discovery.serializers import (
    AcceptSerializer,
    ServiceNowSerializer,
    ServiceQuery,
    ServiceSerializer,
    ServiceWholeSerializer,
)
from apps.discovery.services import deciding, proving
from olympus.kernel.actor import Actor
from olympus.kernel.rest import answer, body_of, check_unchanged, operation, page_of, page_serializer, query_of

TAGS = ["services"]
_FILTERS = {"lifecycle": "lifecycle", "kind": "kind", "state": "health"}


class ServicesView(APIView):
    """What was found."""

    @operation(
        "services_list", summary="List services", tags=TAGS, query=ServiceQuery,
        answers=page_serializer(ServiceNowSerializer), is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What was found nearby, the newest first. For owners and administrators."""
        asked = query_of(request, ServiceQuery)
        require_administrator(request.actor)
        wanted = {_FILTERS[name]: value for name, value in asked.items() if name in _FILTERS}
        rows = services_of(request.actor.organization_id).filter(**wanted)
        return page_of(request, rows, ServiceNowSerializer, order="-first_seen_at")


class ServiceView(APIView):
    """One service."""

    @operation(
        "services_retrieve", summary="Read a service", tags=TAGS, answers=ServiceWholeSerializer, errors=(404,),
        is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request, service_id: UUID) -> Response:
        """What it is, why it is believed, and how it has been.

        The tag stands for what is stored of it, so that how it is just now hinders no change.
        """
        query_of(request)
        service: Any = service_for_changing(request.actor, service_id)
        service.past = list(history_of([service.pk]))
        return answer(request, dict(ServiceWholeSerializer(service).data), tagged=_stored(service))


class ServiceAcceptView(APIView):
    """One to use."""

    @operation(
        "services_accept", summary="Add a service", tags=TAGS, request=AcceptSerializer,
        answers=ServiceNowSerializer, errors=(404, 409), is_tagged=True,
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, service_id: UUID) -> Response:
        """Use it from now on: a model server's models are offered at once, and its proof begins. Also to change its key."""
        actor, asked = _unchanged(request, service_id), body_of(request, AcceptSerializer)
        return _answer(request, deciding.accept(actor, service_id=service_id, **asked))


class ServiceIgnoreView(APIView):
    """One that is not wanted."""

    @operation(
        "services_ignore", summary="Ignore a service", tags=TAGS, answers=ServiceNowSerializer, errors=(404, 409),
        is_tagged=True,
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, service_id: UUID) -> Response:
        """Propose it no more, wherever it moves; one in use is put out of use."""
        return _answer(request, deciding.ignore(_unchanged(request, service_id), service_id=service_id))


class ServiceRestoreView(APIView):
    """One that is wanted after all."""

    @operation(
        "services_restore", summary="Restore an ignored service", tags=TAGS, answers=ServiceNowSerializer,
        errors=(404, 409), is_tagged=True,
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, service_id: UUID) -> Response:
        """Propose an ignored service again."""
        return _answer(request, deciding.restore(_unchanged(request, service_id), service_id=service_id))


class ServiceUndoView(APIView):
    """The last decision taken back."""

    @operation(
        "services_undo", summary="Undo the last decision on a service", tags=TAGS, answers=ServiceNowSerializer,
        errors=(404, 409), is_tagged=True,
    )  # fmt: skip
    @transaction.atomic
    def post(self, request: Request, service_id: UUID) -> Response:
        """Take back the last time it was added, ignored or restored; its key stays forgotten if it was forgotten."""
        return _answer(request, deciding.undo(_unchanged(request, service_id), service_id=service_id))


class ServiceTestView(APIView):
    """The proof of one."""

    @operation(
        "services_test", summary="Test a service", tags=TAGS, answers={202: ServiceNowSerializer}, errors=(404, 409)
    )
    def post(self, request: Request, service_id: UUID) -> Response:
        """Have it show what it can do; `proof_state` and `proof` tell how far that is."""
        service = proving.ask_for_proof(request.actor, service_id=service_id)
        return Response(dict(ServiceNowSerializer(service).data), status=202)


def _unchanged(request: Request, service_id: UUID) -> Actor:
    """The actor, once the service is locked and is the one the request names."""
    actor: Actor = request.actor  # set by ActorMiddleware
    check_unchanged(request, lambda: _stored(service_for_changing(actor, service_id, is_locked=True)))
    return actor


def _answer(request: Request, service: Any) -> Response:
    return answer(request, dict(ServiceNowSerializer(service).data), tagged=_stored(service))


def _stored(service: Any) -> dict[str, Any]:
    return dict(ServiceSerializer(service).data)
