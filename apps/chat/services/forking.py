"""A conversation of its own from a message of another: the branch above it, copied."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from apps.agents.contracts import OVER
from apps.chat.access import check_writes, conversation_for_reading, temporary_for
from apps.chat.engine.windows import Node
from apps.chat.errors import AnswerRunning, MessageNotFound, TemporaryStays
from apps.chat.events import ConversationChanged, ConversationSummary
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.selectors import StoredTree
from apps.chat.services.drafts import take_once
from olympus.kernel.actor import Actor
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.ids import uuid7

# What is the copy's own. A run goes on writing the first answer, and beside a copy nothing is compared.
_OWN_OF_MESSAGE = {"id": "f.id", "conversation_id": "f.place", "parent_id": "f.parent"}
_EMPTY_OF_MESSAGE = {"run_id": "NULL", "comparison_id": "NULL"}
_OWN_OF_ATTACHMENT = {"id": "f.id", "message_id": "f.place"}


@transaction.atomic
def fork_conversation(
    actor: Actor, *, conversation_id: UUID, message_id: UUID | None = None, client_id: str | None = None
) -> UUID:
    """This will copy the branch down to a message into a new conversation and give its id, once for each `client_id`.

    Without a message it is the whole of the branch being read. Title, settings and project go along, and files as further rows over the same stored files.

    Raises:
        TemporaryStays: the conversation is temporary.
        AnswerRunning: something on the branch is still being written.
    """
    if client_id is None:
        return _fork(actor, conversation_id, message_id)
    return take_once(actor, client_id, lambda: _fork(actor, conversation_id, message_id), UUID)[0]


def _fork(actor: Actor, conversation_id: UUID, message_id: UUID | None) -> UUID:
    check_writes(actor)
    if temporary_for(actor, conversation_id):
        raise TemporaryStays
    source = conversation_for_reading(actor, conversation_id)
    tree = StoredTree(source.pk)
    wanted = message_id or source.active_leaf_id
    leaf = tree.find([wanted]).get(wanted) if wanted else None
    if leaf is None:
        raise MessageNotFound
    path = tree.climb(leaf, 0, leaf.depth)
    if Message.objects.filter(pk__in=[node.id for node in path]).exclude(state__in=OVER).exists():
        raise AnswerRunning
    fork = Conversation(
        organization_id=source.organization_id,
        owner_id=source.owner_id,
        title=source.title,
        title_source=source.title_source,
        project_id=source.project_id,
        settings=source.settings,
        updated_at=timezone.now(),
    )
    copies = dict(zip((node.id for node in path), sorted(uuid7() for _ in path), strict=True))
    fork.active_leaf_id = copies[leaf.id]
    fork.save(force_insert=True)
    _copy_messages(path, copies, fork.pk)
    _copy_attachments(copies)
    summary = ConversationSummary(id=fork.pk, title=fork.title, is_temporary=False)
    tell_user_after_commit(actor.user_id, ConversationChanged(conversation=summary))
    return fork.pk


def _copy_messages(path: Sequence[Node], copies: dict[UUID, UUID], fork_id: UUID) -> None:
    parents = [copies[node.parent] if node.parent else None for node in path]
    rows = (list(copies), list(copies.values()), parents, [fork_id] * len(path))
    _copy(Message, {**_OWN_OF_MESSAGE, **_EMPTY_OF_MESSAGE}, *rows)


def _copy_attachments(copies: dict[UUID, UUID]) -> None:
    found = Attachment.objects.filter(message_id__in=list(copies)).order_by("id")
    pairs = [(pk, copies[place]) for pk, place in found.values_list("pk", "message_id") if place]
    if pairs:
        ids, places = [pk for pk, _ in pairs], [place for _, place in pairs]
        _copy(Attachment, _OWN_OF_ATTACHMENT, ids, sorted(uuid7() for _ in ids), [None] * len(ids), places)


def _copy(
    model: type[Model],
    own: dict[str, str],
    ids: list[UUID],
    new_ids: list[UUID],
    parents: Sequence[UUID | None],
    places: list[UUID],
) -> None:
    """One statement, so that no row goes through Python; columns the database computes stay out."""
    columns = [f.column for f in model._meta.concrete_fields if f.column and not getattr(f, "generated", False)]
    values = [own.get(column, f'm."{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    statement = (
        f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(values)}"  # noqa: S608 - names of our own models
        " FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[]) AS f(old, id, parent, place)"
        f" JOIN {model._meta.db_table} m ON m.id = f.old"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [ids, new_ids, list(parents), places])
