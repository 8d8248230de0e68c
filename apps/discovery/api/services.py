"""Services over REST."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.discovery.access import require_administrator, require_scanner, service_for_changing
from apps.discovery.selectors import history_of, services_of, troubled_services
from apps.discovery.serializers import (
    AcceptSerializer,
    McpFileSerializer,
    ProposedSerializer,
    ServiceNowSerializer,
    ServiceQuery,
    ServiceSerializer,
    ServiceWholeSerializer,
)
from apps.discovery.services import deciding, proposing, proving
from olympus.kernel.actor import Actor
from olympus.kernel.rest import (
    answer,
    body_of,
    check_unchanged,
    once_by_key,
    operation,
    page_of,
    page_serializer,
    query_of,
)

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
        if "is_troubled" in asked:
            troubled = Q(pk__in=troubled_services(request.actor.organization_id).values("pk"))
            rows = rows.filter(troubled if asked["is_troubled"] else ~troubled)
        return page_of(request, rows, ServiceNowSerializer, order="-first_seen_at")


class McpFileView(APIView):
    """A file that lists tool servers."""

    parser_classes = (MultiPartParser,)

    @operation(
        "services_propose_mcp_file", summary="Propose the MCP servers of a file", tags=TAGS, request=McpFileSerializer,
        answers=ProposedSerializer, is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Propose what a list of MCP servers names, as Claude, Cursor and VS Code keep it; 8 MB at most.

        Nothing of it is started or asked before somebody tests or adds it, and no secret in it is kept.
        """
        actor: Actor = request.actor
        require_scanner(actor)  # before the file is read
        file = body_of(request, McpFileSerializer)["file"]

        def propose() -> Response:
            proposed = proposing.propose_mcp_file(actor, name=file.name, size_bytes=file.size, file=file.file)
            return Response(dict(ProposedSerializer(proposed).data))

        return once_by_key(request, propose)


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
