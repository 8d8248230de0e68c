"""What readers of exports hand on: conversations as trees of plain messages, and what could not be read."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from olympus.kernel.errors import Invalid


class Format(StrEnum):
    """Whose export it is."""

    CHATGPT = "chatgpt"
    CLAUDE = "claude"
    OPEN_WEBUI = "open_webui"
    LIBRECHAT = "librechat"
    OLYMPUS = "olympus"
    MARKDOWN = "markdown"


class Reason(StrEnum):
    """Why a file, a conversation or an attachment was not taken; the words for people are kept elsewhere."""

    UNKNOWN_FORMAT = "unknown_format"
    EMPTY = "empty"
    NOT_JSON = "not_json"
    CUT_OFF = "cut_off"
    BROKEN_ARCHIVE = "broken_archive"
    ENCRYPTED_ARCHIVE = "encrypted_archive"
    ARCHIVE_BOMB = "archive_bomb"
    ARCHIVE_TOO_LARGE = "archive_too_large"
    TOO_LARGE = "too_large"
    NOT_A_CONVERSATION = "not_a_conversation"
    NO_MESSAGES = "no_messages"
    TOO_MANY_MESSAGES = "too_many_messages"
    DELETED_HERE = "deleted_here"
    FILE_MISSING = "file_missing"
    FILE_REFUSED = "file_refused"
    FAILED = "failed"


class NotReadable(Invalid):
    """This file is no export Olympus can read."""

    code = "not_readable"

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class SourceFile(msgspec.Struct, kw_only=True):
    """A file of a message: a place in the archive, or its bytes; neither if the export does not hold it."""

    name: str
    path: str | None = None
    data: bytes | None = None


class Node(msgspec.Struct, kw_only=True):
    """A message as read. `is_hidden` ones were never shown; what hangs below them hangs higher."""

    key: str
    parent: str | None
    role: str
    text: str = ""
    thinking: str = ""
    tool_calls: list[dict[str, Any]] = []
    files: list[SourceFile] = []
    model: str = ""
    provider: str = ""
    created_at: datetime | None = None
    is_hidden: bool = False
    state: str = "complete"
    options: dict[str, Any] = {}
    context: dict[str, Any] | None = None
    route: dict[str, Any] | None = None
    comparison: str | None = None
    token_count: int = 0
    left_out_count: int = 0
    error_code: str = ""
    error_message: str = ""


class ReadConversation(msgspec.Struct, kw_only=True):
    """A conversation as read; its nodes come parents first, questions and answers in turn."""

    format: Format
    key: str
    title: str
    nodes: list[Node]
    leaf: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    is_archived: bool = False
    is_pinned: bool = False
    title_source: str = ""
    settings: dict[str, Any] = {}
    project: dict[str, str] | None = None


class Unread(msgspec.Struct, kw_only=True):
    """A conversation that could not be read, and why."""

    title: str
    reason: Reason


Item = ReadConversation | Unread
