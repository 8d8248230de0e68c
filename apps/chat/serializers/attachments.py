"""Attachments as programs see them."""

from typing import Any

from rest_framework import serializers


class UploadSerializer(serializers.Serializer[Any]):
    """A file, as multipart form data."""

    file = serializers.FileField(allow_empty_file=False, max_length=500)


class AttachmentSerializer(serializers.Serializer[Any]):
    """A stored file; its id goes into `chat.send`."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    media_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
