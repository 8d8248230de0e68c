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
