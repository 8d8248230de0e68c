"""Attachments as programs see them."""

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from olympus.kernel.rest import PageQuery


class UploadSerializer(serializers.Serializer[Any]):
    """A file, as multipart form data."""

    file = serializers.FileField(allow_empty_file=False, max_length=500)


class AttachmentQuery(PageQuery):
    """Which files."""

    is_sent = serializers.BooleanField(required=False, help_text="Only those a message has, or only those none has.")


class AttachmentSerializer(serializers.Serializer[Any]):
    """A stored file; its id goes into `attachments` of a message."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    media_type = serializers.CharField(help_text="Of an image what it is, of a text what its name says.")
    size_bytes = serializers.IntegerField()
    message = serializers.UUIDField(
        source="message_id", allow_null=True, help_text="Which has it; null until one does."
    )
    url = serializers.SerializerMethodField(help_text="Where its bytes are; texts come as text/plain.")
    created_at = serializers.DateTimeField()

    def get_url(self, attachment: Any) -> str:
        """The page's own address of the file."""
        return reverse("attachment", args=[attachment.pk])
