"""Imports, exports and share links as programs see them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.chat.services.reasons import notes_of, reason_in_words
from apps.chat.services.sharing import MAX_EXPIRY_DAYS
from apps.chat.services.transfer import EXPORT_FORMATS


class ImportSerializer(serializers.Serializer[Any]):
    """An export of some product, as multipart form data."""

    file = serializers.FileField(max_length=500, allow_empty_file=True)


class ExportSerializer(serializers.Serializer[Any]):
    """What to export: all, these conversations, or those of a project."""

    format = serializers.ChoiceField(EXPORT_FORMATS)
    conversation_ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, allow_null=True, min_length=1, max_length=10_000
    )
    project = serializers.UUIDField(required=False, allow_null=True)


class NoteSerializer(serializers.Serializer[Any]):
    """Something an import did not take."""

    title = serializers.CharField()
    reason = serializers.CharField()


class TransferSerializer(serializers.Serializer[Any]):
    """An import or export."""

    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="import or export")
    format = serializers.CharField(help_text="Of an import: as it was recognized, empty before.")
    state = serializers.CharField(help_text="queued, running, complete, error, cancelled")
    file_name = serializers.CharField()
    size_bytes = serializers.IntegerField()
    total = serializers.IntegerField(source="total_count", allow_null=True)
    done = serializers.IntegerField(source="done_count")
    skipped = serializers.IntegerField(source="skipped_count", help_text="Here already, and unchanged.")
    failed = serializers.IntegerField(source="failed_count")
    report = serializers.SerializerMethodField(help_text="What was not taken, and why.")
    error_message = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(NoteSerializer(many=True))
    def get_report(self, job: Any) -> list[dict[str, str]]:
        """Put it into words."""
        return [{"title": note.title, "reason": note.reason} for note in notes_of(job)]

    def get_error_message(self, job: Any) -> str:
        """Put it into words."""
        return reason_in_words(job.error_message) if job.error_message else ""


class NewShareLinkSerializer(serializers.Serializer[Any]):
    """How long a link lasts and what it shows."""

    expires_in_days = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MAX_EXPIRY_DAYS, help_text="Null: no end."
    )
    with_branches = serializers.BooleanField(required=False, default=False)


class ShareLinkSerializer(serializers.Serializer[Any]):
    """A link that is open, or was until it ended."""

    id = serializers.UUIDField()
    conversation = serializers.UUIDField(source="conversation_id")
    title = serializers.CharField(help_text="Of the conversation when it was shared.")
    url = serializers.SerializerMethodField()
    with_branches = serializers.BooleanField()
    expires_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    def get_url(self, link: Any) -> str:
        """The whole address, to pass on."""
        return str(self.context["url_of"](link))
