"""Attachments over REST."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chat.attaching import attach_file, remove_attachment
from apps.chat.serializers.attachments import AttachmentSerializer, UploadSerializer
from olympus.kernel.actor import Actor


class AttachmentsView(APIView):
    """Files for messages to come."""

    parser_classes = (MultiPartParser,)

    @extend_schema(request=UploadSerializer, responses={201: AttachmentSerializer}, operation_id="attachments_create")
    def post(self, request: Request) -> Response:
        """Store an image for a message to come."""
        upload = UploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        file = upload.validated_data["file"]
        actor: Actor = request.actor
        attachment = attach_file(actor, name=file.name, size_bytes=file.size, file=file.file)
        return Response(AttachmentSerializer(attachment).data, status=201)


class AttachmentView(APIView):
    """One file no message has yet."""

    @extend_schema(responses={204: None}, operation_id="attachments_destroy")
    def delete(self, request: Request, attachment_id: UUID) -> Response:
        """Remove a file no message was sent with."""
        actor: Actor = request.actor
        remove_attachment(actor, attachment_id=attachment_id)
        return Response(status=204)
