"""Temporary conversations: in Valkey with a time to live, never in the database."""

from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec
import redis

from apps.chat.contracts import StoredMessage
from apps.chat.errors import TemporaryGone
from olympus.kernel.errors import Unavailable
from olympus.kernel.ids import uuid7
from olympus.kernel.valkey import valkey

# A day of rest ends a conversation nobody meant to keep.
_TTL_S = 24 * 3600
_META = b"meta"


class TemporaryConversation(msgspec.Struct, kw_only=True):
    """A temporary conversation as a whole; `leaf` is the last message of its branch."""

    id: UUID
    owner_id: UUID
    organization_id: UUID
    title: str
    leaf: UUID | None = None
    messages: dict[UUID, StoredMessage] = {}

    def branch(self) -> list[StoredMessage]:
        """This will list the messages from the first to the leaf."""
        branch = []
        at = self.leaf
        while at is not None:
            branch.append(self.messages[at])
            at = self.messages[at].parent
        return branch[::-1]


class _Meta(msgspec.Struct):
    owner_id: UUID
    organization_id: UUID
    title: str
    leaf: UUID | None


def load_temporary(conversation_id: UUID) -> TemporaryConversation | None:
    """This will read a temporary conversation, or None if there is none (any more)."""
    try:
        fields: dict[bytes, bytes] = cast("dict[bytes, bytes]", valkey().hgetall(_key(conversation_id)))
    except (redis.RedisError, OSError) as error:
        raise Unavailable("Temporary conversations cannot be reached just now. Try again.") from error
    raw = fields.pop(_META, None)
    if raw is None:
        return None
    meta = msgspec.json.decode(raw, type=_Meta)
    messages = [msgspec.json.decode(value, type=StoredMessage) for value in fields.values()]
    return TemporaryConversation(
        id=conversation_id,
        owner_id=meta.owner_id,
        organization_id=meta.organization_id,
        title=meta.title,
        leaf=meta.leaf,
        messages={message.id: message for message in messages},
    )


def save_messages(conversation: TemporaryConversation, *messages: StoredMessage, leaf: UUID) -> None:
    """This will add or replace messages and move the leaf; the conversation's time begins anew."""
    meta = _Meta(conversation.owner_id, conversation.organization_id, conversation.title, leaf)
    key = _key(conversation.id)
    try:
        pipeline = valkey().pipeline()
        pipeline.hset(key, _META, msgspec.json.encode(meta))
        for message in messages:
            pipeline.hset(key, message.id.hex, msgspec.json.encode(message))
            pipeline.set(_message_key(message.id), conversation.id.hex, ex=_TTL_S)
        pipeline.expire(key, _TTL_S)
        pipeline.execute()
    except (redis.RedisError, OSError) as error:
        raise Unavailable("Temporary conversations cannot be reached just now. Try again.") from error


def update_message(conversation_id: UUID, message: StoredMessage) -> None:
    """This will replace a message of a conversation that is still there.

    Raises:
        TemporaryGone: it is not.
    """
    key = _key(conversation_id)
    try:
        if not valkey().hexists(key, message.id.hex):
            raise TemporaryGone
        valkey().hset(key, message.id.hex, msgspec.json.encode(message))
    except (redis.RedisError, OSError) as error:
        raise TemporaryGone from error


def conversation_of_message(message_id: UUID) -> TemporaryConversation | None:
    """This will find the temporary conversation a message belongs to."""
    try:
        found = cast("bytes | None", valkey().get(_message_key(message_id)))
    except (redis.RedisError, OSError):
        return None
    return load_temporary(UUID(found.decode())) if found else None


def new_temporary(owner_id: UUID, organization_id: UUID, title: str) -> TemporaryConversation:
    """This will make a temporary conversation, not yet saved."""
    return TemporaryConversation(id=uuid7(), owner_id=owner_id, organization_id=organization_id, title=title)


def new_pair(
    *,
    text: str,
    parent: StoredMessage | None,
    run_id: UUID,
    options: dict[str, object],
    attachments: list[UUID],
    now: datetime,
) -> tuple[StoredMessage, StoredMessage]:
    """This will make a person's message and the empty answer below it."""
    depth = parent.depth + 1 if parent else 0
    question = StoredMessage(
        id=uuid7(),
        role="user",
        created_at=now,
        parent=parent.id if parent else None,
        depth=depth,
        text=text,
        options=options,
        attachments=attachments,
    )
    return question, new_answer(question, run_id=run_id, options=options, now=now)


def new_answer(question: StoredMessage, *, run_id: UUID, options: dict[str, object], now: datetime) -> StoredMessage:
    """This will make an empty answer to a message."""
    return StoredMessage(
        id=uuid7(),
        role="assistant",
        created_at=now,
        parent=question.id,
        depth=question.depth + 1,
        run_id=run_id,
        state="queued",
        options=options,
    )


def _key(conversation_id: UUID) -> str:
    return f"temporary:{conversation_id.hex}"


def _message_key(message_id: UUID) -> str:
    return f"temporary-message:{message_id.hex}"
