"""Conversations in the owners' admin: that they are there, whose and how large; nobody's words.

Owners keep the machine running and do not read along: titles, texts and files are left out.
"""

from typing import ClassVar

from django.contrib import admin

from apps.chat.models import Attachment, Conversation, Message
from olympus.kernel.admin import LookOnly


class _WithoutWords(LookOnly):
    """What rows are called tells nothing of what people wrote."""

    list_select_related: ClassVar = ["owner"]
    show_full_result_count = False  # conversations grow without end


@admin.register(Conversation)
class ConversationAdmin(_WithoutWords):
    """Whose conversations there are."""

    list_display: ClassVar = ["id", "owner", "created_at", "updated_at", "deleted_at"]
    list_filter: ClassVar = ["updated_at", ("deleted_at", admin.EmptyFieldListFilter)]
    search_fields: ClassVar = ["=id", "owner__email"]
    fields: ClassVar = ["id", "owner", "organization", "created_at", "updated_at", "deleted_at"]


@admin.register(Message)
class MessageAdmin(_WithoutWords):
    """How answers went."""

    list_display: ClassVar = ["id", "created_at", "owner", "role", "state", "model", "token_count", "error_code"]
    list_filter: ClassVar = ["role", "state", "error_code", "created_at"]
    search_fields: ClassVar = ["=id", "=conversation__id", "=run_id", "owner__email", "model"]
    fields: ClassVar = [
        "id", "owner", "organization", "conversation_id", "run_id", "role", "depth", "state", "model", "provider",
        "token_count", "left_out_count", "error_code", "error_message", "created_at",
    ]  # fmt: skip
    readonly_fields: ClassVar = ["conversation_id"]


@admin.register(Attachment)
class AttachmentAdmin(_WithoutWords):
    """How much room files take."""

    list_display: ClassVar = ["id", "created_at", "owner", "media_type", "size_bytes"]
    list_filter: ClassVar = ["media_type", "created_at"]
    search_fields: ClassVar = ["=id", "owner__email"]
    fields: ClassVar = ["id", "owner", "organization", "message_id", "media_type", "size_bytes", "created_at"]
    readonly_fields: ClassVar = ["message_id"]
