"""Scans over REST."""

from uuid import UUID

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.discovery.access import require_administrator, scan_for_reading
from apps.discovery.selectors import scans_of
from apps.discovery.serializers import NewScanSerializer, ScanSerializer, ScanWholeSerializer
from apps.discovery.services import scanning
from olympus.kernel.actor import Actor
from olympus.kernel.rest import (
    PageQuery,
    answer,
    body_of,
    once_by_key,
    operation,
    page_of,
    page_serializer,
    query_of,
)

TAGS = ["scans"]


class ScansView(APIView):
    """The record of scans."""

    @operation(
        "scans_list", summary="List scans", tags=TAGS, query=PageQuery, answers=page_serializer(ScanSerializer),
        is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The record of scans, the newest first. For owners and administrators."""
        query_of(request, PageQuery)
        require_administrator(request.actor)
        return page_of(request, scans_of(request.actor.organization_id), ScanSerializer, order="-asked_at")

    @operation(
        "scans_create", summary="Scan now", tags=TAGS, request=NewScanSerializer, answers={202: ScanSerializer},
        errors=(409,), is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Look around now: this machine, what was named, and granted networks. One scan runs at a time."""
        actor: Actor = request.actor
        asked = body_of(request, NewScanSerializer)

        def begin() -> Response:
            scan = scanning.ask_for_scan(actor, **asked)
            place = reverse("api_scan", args=[scan.pk])
            return Response(dict(ScanSerializer(scan).data), status=202, headers={"Location": place})

        return once_by_key(request, begin)


class ScanView(APIView):
    """One scan."""

    @operation(
        "scans_retrieve", summary="Read a scan", tags=TAGS, answers=ScanWholeSerializer, errors=(404,), is_tagged=True
    )
    def get(self, request: Request, scan_id: UUID) -> Response:
        """How far it is, and all that it touched."""
        query_of(request)
        return answer(request, dict(ScanWholeSerializer(scan_for_reading(request.actor, scan_id)).data))
