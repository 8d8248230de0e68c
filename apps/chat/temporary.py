"""Temporary conversations: in Valkey with a time to live, never in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
import redis
from django.utils.translation import gettext as _

from apps.chat.contracts import Siblings, StoredMessage
from apps.chat.engine.windows import Node
from apps.chat.errors import TemporaryGone
from olympus.kernel.actor import Actor
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
    settings: dict[str, Any] = {}
    messages: dict[UUID, StoredMessage] = {}

    def branch(self, leaf: UUID | None = None) -> list[StoredMessage]:
        """This will list the messages from the first to the leaf, or to another message."""
        branch = []
        at = leaf or self.leaf
        while at is not None:
            branch.append(self.messages[at])
            at = self.messages[at].parent
        return branch[::-1]


class TemporaryTree:
    """The messages of a temporary conversation, as the window finder reads them."""

    def __init__(self, conversation: TemporaryConversation) -> None:
        self._conversation = conversation
        self._children: dict[UUID | None, list[StoredMessage]] = {}
        for message in sorted(conversation.messages.values(), key=lambda each: each.id):
            self._children.setdefault(message.parent, []).append(message)

    def find(self, ids: Collection[UUID]) -> Mapping[UUID, Node]:
        """This will find messages of this conversation."""
        messages = self._conversation.messages
        return {each: node_of(messages[each]) for each in ids if each in messages}

    def climb(self, leaf: Node, low: int, high: int) -> Sequence[Node]:
        """This will list the messages from `leaf` up whose depth is from `low` to `high`, oldest first."""
        return [node_of(each) for each in self._conversation.branch(leaf.id) if low <= each.depth <= high]

    def newest_leaf_below(self, node: Node) -> Node:
        """This will find the end of the newest branch through a message; of two compared answers the first."""
        leaves = [node_of(each) for each in self.below(node.id) if not self._children.get(each.id)]
        newest = max(leaf.comparison or leaf.id for leaf in leaves)
        return min(leaf for leaf in leaves if (leaf.comparison or leaf.id) == newest)

    def siblings_of(self, message_id: UUID) -> Siblings | None:
        """This will tell which of its siblings a message is; answers being compared are one place."""
        own = self._conversation.messages[message_id]
        places: dict[UUID, list[StoredMessage]] = {}
        for each in self._children.get(own.parent, []):
            places.setdefault(each.comparison_id or each.id, []).append(each)
        if len(places) < 2:
            return None
        entries = [self._entry(place) for place in places.values()]
        at = list(places).index(own.comparison_id or own.id)
        following = entries[at + 1] if at + 1 < len(entries) else None
        return Siblings(at + 1, len(entries), entries[at - 1] if at else None, following)

    def below(self, message_id: UUID) -> list[StoredMessage]:
        """This will list a message and all below it, on every branch."""
        found, open_ids = [], [message_id]
        while open_ids:
            found.append(self._conversation.messages[open_ids.pop()])
            open_ids.extend(child.id for child in self._children.get(found[-1].id, []))
        return found

    def _entry(self, place: list[StoredMessage]) -> UUID:
        """The one that was gone on from, or the first."""
        return next((each.id for each in place if self._children.get(each.id)), place[0].id)


def node_of(message: StoredMessage) -> Node:
    """This will give a message as the window finder reads it."""
    return Node(message.id, message.parent, message.depth, message.comparison_id)


class _Meta(msgspec.Struct):
    owner_id: UUID
    organization_id: UUID
    title: str
    leaf: UUID | None
    settings: dict[str, Any] = {}


def load_temporary(conversation_id: UUID) -> TemporaryConversation | None:
    """This will read a temporary conversation, or None if there is none (any more)."""
    try:
        fields: dict[bytes, bytes] = cast("dict[bytes, bytes]", valkey().hgetall(_key(conversation_id)))
    except (redis.RedisError, OSError) as error:
        raise Unavailable(_("Temporary conversations cannot be reached just now. Try again.")) from error
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
        settings=meta.settings,
        messages={message.id: message for message in messages},
    )


def save_messages(conversation: TemporaryConversation, *messages: StoredMessage, leaf: UUID) -> None:
    """This will add or replace messages and move the leaf; the conversation's time begins anew."""
    meta = _Meta(conversation.owner_id, conversation.organization_id, conversation.title, leaf, conversation.settings)
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
        raise Unavailable(_("Temporary conversations cannot be reached just now. Try again.")) from error


def change_messages(conversation_id: UUID, changes: Mapping[UUID, Mapping[str, Any]]) -> None:
    """This will change fields of messages of a conversation that is still there, and no others of theirs.

    An answer that is being stored and a message that moves meet here without undoing each other.

    Raises:
        TemporaryGone: it is not.
    """
    key = _key(conversation_id)

    def change(pipeline: redis.client.Pipeline) -> None:
        names = [message_id.hex for message_id in changes]
        stored = cast("list[bytes | None]", pipeline.hmget(key, names))
        pipeline.multi()
        for name, fields, value in zip(names, changes.values(), stored, strict=True):
            if value is None:
                raise TemporaryGone
            message = msgspec.json.decode(value, type=StoredMessage)
            pipeline.hset(key, name, msgspec.json.encode(msgspec.structs.replace(message, **fields)))

    if not changes:
        return
    try:
        valkey().transaction(change, key)
    except (redis.RedisError, OSError) as error:
        raise TemporaryGone from error


def move_leaf(conversation_id: UUID, *, off: UUID, to: UUID | None) -> bool:
    """This will move the leaf off a message and tell whether it was there; one that moved on meanwhile stays."""
    key, has_moved = _key(conversation_id), False

    def move(pipeline: redis.client.Pipeline) -> None:
        nonlocal has_moved
        raw = cast("bytes | None", pipeline.hget(key, _META))
        pipeline.multi()
        meta = msgspec.json.decode(raw, type=_Meta) if raw else None
        has_moved = meta is not None and meta.leaf == off
        if meta is not None and has_moved:
            pipeline.hset(key, _META, msgspec.json.encode(msgspec.structs.replace(meta, leaf=to)))

    try:
        valkey().transaction(move, key)
    except (redis.RedisError, OSError) as error:
        raise TemporaryGone from error
    return has_moved


def conversation_of_message(message_id: UUID) -> TemporaryConversation | None:
    """This will find the temporary conversation a message belongs to."""
    try:
        found = cast("bytes | None", valkey().get(_message_key(message_id)))
    except (redis.RedisError, OSError):
        return None
    return load_temporary(UUID(found.decode())) if found else None


def new_temporary(actor: Actor, title: str, settings: dict[str, Any]) -> TemporaryConversation:
    """This will make a temporary conversation, not yet saved."""
    return TemporaryConversation(
        id=uuid7(),
        owner_id=actor.user_id,
        organization_id=actor.organization_id,
        title=title,
        settings=settings,
    )


def new_question(
    *, text: str, parent: StoredMessage | None, model: str, options: dict[str, Any], now: datetime
) -> StoredMessage:
    """This will make a person's message below another."""
    return StoredMessage(
        id=uuid7(),
        role="user",
        created_at=now,
        parent=parent.id if parent else None,
        depth=parent.depth + 1 if parent else 0,
        text=text,
        model=model,
        options=options,
    )


def new_answer(
    question: StoredMessage, answer_id: UUID, *, options: dict[str, Any], comparison_id: UUID | None, now: datetime
) -> StoredMessage:
    """This will make an empty answer to a message, with a run to write it."""
    return StoredMessage(
        id=answer_id,
        role="assistant",
        created_at=now,
        parent=question.id,
        depth=question.depth + 1,
        run_id=uuid7(),
        state="queued",
        options=options,
        comparison_id=comparison_id,
    )


def _key(conversation_id: UUID) -> str:
    return f"temporary:{conversation_id.hex}"


def _message_key(message_id: UUID) -> str:
    return f"temporary-message:{message_id.hex}"
