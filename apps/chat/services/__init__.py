"""Chat's write verbs, a topic a module."""

from apps.chat.services.answering import regenerate, stop_answer
from apps.chat.services.branching import Branch, mark_seen, select_branch
from apps.chat.services.drafts import MAX_TEXT_LENGTH
from apps.chat.services.forking import fork_conversation
from apps.chat.services.housekeeping import (
    ConversationChanges,
    change_conversation,
    create_conversation,
    delete_conversation,
    remove_deleted,
    rename_conversation,
    restore_conversation,
)
from apps.chat.services.ordering import STORED_HOST, TEMPORARY_HOST
from apps.chat.services.posting import edit_message, post_message

__all__ = [
    "MAX_TEXT_LENGTH",
    "STORED_HOST",
    "TEMPORARY_HOST",
    "Branch",
    "ConversationChanges",
    "change_conversation",
    "create_conversation",
    "delete_conversation",
    "edit_message",
    "fork_conversation",
    "mark_seen",
    "post_message",
    "regenerate",
    "remove_deleted",
    "rename_conversation",
    "restore_conversation",
    "select_branch",
    "stop_answer",
]
