"""Attachments over REST."""

from uuid import UUID

from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chat.access import attachment_for_reading
from apps.chat.attaching import attach_file, remove_attachment
from apps.chat.selectors.files import attachments_of
from apps.chat.serializers.attachments import AttachmentQuery, AttachmentSerializer, UploadSerializer
from olympus.kernel.actor import Actor
from olympus.kernel.rest import answer, once_by_key, operation, page_of, query_of
from olympus.kernel.rest import page_serializer as page
from olympus.kernel.rest.query import body_of

TAGS = ["attachments"]


class AttachmentsView(APIView):
    """Files for messages."""

    parser_classes = (MultiPartParser,)

    @operation(
        "attachments_list", summary="List your files", tags=TAGS, query=AttachmentQuery,
        answers=page(AttachmentSerializer), is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List what you uploaded, the newest first."""
        actor: Actor = request.actor
        is_sent = query_of(request, AttachmentQuery).get("is_sent")
        return page_of(request, attachments_of(actor, is_sent=is_sent), AttachmentSerializer, order="-id")

    @operation(
        "attachments_create", summary="Upload a file", tags=TAGS, request=UploadSerializer,
        answers={201: AttachmentSerializer}, errors=(429,), is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Store an image or a text for a message to come."""
        actor: Actor = request.actor
        file = body_of(request, UploadSerializer)["file"]

        def store() -> Response:
            attachment = attach_file(actor, name=file.name, size_bytes=file.size, file=file.file)
            return Response(AttachmentSerializer(attachment).data, status=201)

        return once_by_key(request, store)


class AttachmentView(APIView):
    """One file."""

    @operation(
        "attachments_retrieve", summary="Read about a file", tags=TAGS, answers=AttachmentSerializer,
        errors=(404,), is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request, attachment_id: UUID) -> Response:
        """Tell what a file is; its bytes are at its `url`."""
        return answer(request, AttachmentSerializer(attachment_for_reading(request.actor, attachment_id)).data)

    @operation("attachments_destroy", summary="Remove a file", tags=TAGS, answers={204: None}, errors=(404,))
    def delete(self, request: Request, attachment_id: UUID) -> Response:
        """Remove a file no message was sent with; one that is gone already is no error."""
        actor: Actor = request.actor
        remove_attachment(actor, attachment_id=attachment_id)
        return Response(status=204)
