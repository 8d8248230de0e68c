"""Conversations, messages and files in the owners' admin."""

from typing import ClassVar

from django.contrib import admin

from apps.chat.admin.without_words import WithoutWords
from apps.chat.models import Attachment, Conversation, Message


@admin.register(Conversation)
class ConversationAdmin(WithoutWords):
    """Whose conversations there are."""

    list_display = ["id", "owner", "created_at", "updated_at", "deleted_at"]
    list_filter: ClassVar = ["updated_at", ("deleted_at", admin.EmptyFieldListFilter)]
    search_fields: ClassVar = ["=id", "owner__email"]
    fields: ClassVar = ["id", "owner", "organization", "created_at", "updated_at", "deleted_at"]


@admin.register(Message)
class MessageAdmin(WithoutWords):
    """How answers went."""

    list_display = ["id", "created_at", "owner", "role", "state", "model", "token_count", "error_code"]
    list_filter: ClassVar = ["role", "state", "error_code", "created_at"]
    search_fields: ClassVar = ["=id", "=conversation__id", "=run_id", "owner__email", "model"]
    fields: ClassVar = [
        "id", "owner", "organization", "conversation_id", "run_id", "role", "depth", "state", "model", "provider",
        "token_count", "left_out_count", "error_code", "error_message", "created_at",
    ]  # fmt: skip
    readonly_fields: ClassVar = ["conversation_id"]


@admin.register(Attachment)
class AttachmentAdmin(WithoutWords):
    """How much room files take."""

    list_display = ["id", "created_at", "owner", "media_type", "size_bytes"]
    list_filter: ClassVar = ["media_type", "created_at"]
    search_fields: ClassVar = ["=id", "owner__email"]
    fields: ClassVar = ["id", "owner", "organization", "message_id", "media_type", "size_bytes", "created_at"]
    readonly_fields: ClassVar = ["message_id"]
