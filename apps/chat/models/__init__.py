"""Chat's tables, a topic a module."""

from apps.chat.models.conversations import Conversation, Message, TitleSource
from apps.chat.models.files import Attachment, attachment_path
from apps.chat.models.library import Preset, Prompt, PromptVersion
from apps.chat.models.projects import Project, ProjectMember
from apps.chat.models.search import SearchEntry, SearchPending
from apps.chat.models.sharing import ShareLink
from apps.chat.models.transfer import TransferJob, transfer_path

__all__ = [
    "Attachment",
    "Conversation",
    "Message",
    "Preset",
    "Project",
    "ProjectMember",
    "Prompt",
    "PromptVersion",
    "SearchEntry",
    "SearchPending",
    "ShareLink",
    "TitleSource",
    "TransferJob",
    "attachment_path",
    "transfer_path",
]
