"""What people may see and change, fetched and authorized in one call; a stranger gets NotFound."""

from apps.chat.access.conversations import (
    attachment_for_reading,
    attachments_for_sending,
    conversation_for_reading,
    conversation_for_restoring,
    conversation_for_writing,
    message_for_reading,
    message_for_writing,
    temporary_for,
    temporary_for_writing,
    temporary_holding,
    temporary_holding_for_writing,
)
from apps.chat.access.permissions import check_reads, check_writes
from apps.chat.access.projects import project_for_reading, project_for_using, project_for_writing

__all__ = [
    "attachment_for_reading",
    "attachments_for_sending",
    "check_reads",
    "check_writes",
    "conversation_for_reading",
    "conversation_for_restoring",
    "conversation_for_writing",
    "message_for_reading",
    "message_for_writing",
    "project_for_reading",
    "project_for_using",
    "project_for_writing",
    "temporary_for",
    "temporary_for_writing",
    "temporary_holding",
    "temporary_holding_for_writing",
]
