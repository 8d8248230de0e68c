"""Imports and exports over REST."""

from typing import Any
from uuid import UUID

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chat.access.permissions import check_reads
from apps.chat.access.transfers import transfer_for_reading
from apps.chat.errors import TransferNotFound
from apps.chat.selectors.transfers import transfers_of
from apps.chat.serializers.transfers import ExportSerializer, ImportSerializer, TransferSerializer
from apps.chat.services import transfer
from olympus.kernel.actor import Actor
from olympus.kernel.rest import PageQuery, answer, once_by_key, operation, page_of, query_of
from olympus.kernel.rest import page_serializer as page
from olympus.kernel.rest.query import body_of

TAGS = ["transfers"]


def _shown(job: Any) -> dict[str, Any]:
    return dict(TransferSerializer(job).data)


class ImportsView(APIView):
    """Exports of other products on their way in."""

    parser_classes = (MultiPartParser,)

    @operation(
        "imports_create", summary="Import conversations", tags=TAGS,
        request={"multipart/form-data": ImportSerializer}, answers={202: TransferSerializer}, errors=(429,),
        is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Import an export of ChatGPT, Claude, Open WebUI, LibreChat or Olympus, up to 200 MB; declare its length.

        What it is, is read from its content. Importing a file twice makes no doubles.
        """
        actor: Actor = request.actor
        file = body_of(request, ImportSerializer)["file"]

        def begin() -> Response:
            job = transfer.order_import(actor, name=file.name, size_bytes=file.size, file=file)
            return answer(request, _shown(job), status=202)

        return once_by_key(request, begin)


class ExportsView(APIView):
    """Conversations on their way out."""

    @operation(
        "exports_create", summary="Export conversations", tags=TAGS, request=ExportSerializer,
        answers={202: TransferSerializer}, errors=(404, 429), is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Export all your conversations, some, or those of a project; the file is kept for a week."""
        actor: Actor = request.actor
        body = body_of(request, ExportSerializer)

        def begin() -> Response:
            job = transfer.order_export(
                actor,
                format=body["format"],
                conversation_ids=body.get("conversation_ids"),
                project_id=body.get("project"),
            )
            return answer(request, _shown(job), status=202)

        return once_by_key(request, begin)


class TransfersView(APIView):
    """One's imports and exports."""

    @operation(
        "transfers_list", summary="List imports and exports", tags=TAGS, query=PageQuery,
        answers=page(TransferSerializer), is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List your imports and exports, newest first."""
        query_of(request, PageQuery)
        check_reads(request.actor)
        return page_of(request, transfers_of(request.actor.user_id), TransferSerializer, order="-created_at")


class TransferView(APIView):
    """One import or export."""

    @operation(
        "transfers_retrieve", summary="Read an import or export", tags=TAGS, answers=TransferSerializer,
        errors=(404,), is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request, transfer_id: UUID) -> Response:
        """Show how far it is."""
        return answer(request, _shown(transfer_for_reading(request.actor, transfer_id)))


class TransferCancelView(APIView):
    """The end of an import or export."""

    @operation(
        "transfers_cancel", summary="Cancel an import or export", tags=TAGS, answers=TransferSerializer,
        errors=(404, 409),
    )  # fmt: skip
    def post(self, request: Request, transfer_id: UUID) -> Response:
        """Stop it; what was imported so far stays."""
        return answer(request, _shown(transfer.cancel_transfer(request.actor, transfer_id=transfer_id)))


class TransferFileView(APIView):
    """The file of an export."""

    @operation(
        "transfers_file", summary="Download an export", tags=TAGS,
        answers={(200, "application/zip"): OpenApiTypes.BINARY}, errors=(404,),
    )  # fmt: skip
    def get(self, request: Request, transfer_id: UUID) -> FileResponse:
        """Download the zip file of a finished export."""
        job = transfer_for_reading(request.actor, transfer_id)
        if job.kind != "export" or not job.file:
            raise TransferNotFound
        return FileResponse(
            job.file.open("rb"), as_attachment=True, filename=job.file_name, content_type="application/zip"
        )
