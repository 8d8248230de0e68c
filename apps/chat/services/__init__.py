"""Chat's write verbs, a topic a module."""

from apps.chat.services.housekeeping import delete_conversation, remove_deleted, rename_conversation
from apps.chat.services.posting import (
    MAX_TEXT_LENGTH,
    STORED_HOST,
    TEMPORARY_HOST,
    edit_message,
    post_message,
    regenerate,
)

__all__ = [
    "MAX_TEXT_LENGTH",
    "STORED_HOST",
    "TEMPORARY_HOST",
    "delete_conversation",
    "edit_message",
    "post_message",
    "regenerate",
    "remove_deleted",
    "rename_conversation",
]
