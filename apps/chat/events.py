"""What chat tells a person's open pages."""

from uuid import UUID

import msgspec


class ConversationSummary(msgspec.Struct, kw_only=True):
    """A conversation as lists show it."""

    id: UUID
    title: str
    is_temporary: bool


class ConversationChanged(msgspec.Struct, tag="conversation.changed", kw_only=True):
    """A conversation began, was renamed or deleted; lists are out of date."""

    conversation: ConversationSummary


class ConversationBranch(msgspec.Struct, tag="conversation.branch", kw_only=True):
    """Another branch of a conversation is the active one; `leaf` is its last message, null if none is left."""

    conversation: UUID
    leaf: UUID | None


class TransferProgress(msgspec.Struct, tag="transfer.progress", kw_only=True):
    """How far an import or export is; `total` is null while it is not known."""

    id: UUID
    kind: str
    state: str
    total: int | None
    done: int
    skipped: int
    failed: int
