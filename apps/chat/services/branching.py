"""Which branch is read, and what has been seen."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from apps.chat import temporary
from apps.chat.access import (
    check_writes,
    conversation_for_writing,
    message_for_writing,
    temporary_for,
    temporary_holding_for_writing,
)
from apps.chat.engine.windows import Node, Tree
from apps.chat.events import ConversationBranch, ConversationChanged, ConversationSummary
from apps.chat.models import Conversation, Message
from apps.chat.selectors import StoredTree
from apps.chat.services.drafts import take_once
from apps.chat.temporary import TemporaryTree
from olympus.kernel.actor import Actor
from olympus.kernel.broadcast import tell_user_after_commit


@dataclass(frozen=True, slots=True)
class Branch:
    """The branch of a conversation that is read now."""

    conversation: UUID
    leaf: UUID


def select_branch(actor: Actor, *, client_id: str, message_id: UUID, keeps: bool = False) -> Branch:
    """This will make the newest branch through a message the active one, once for each `client_id`.

    An answer of the comparison that is being read, or one of any with `keeps`, is kept: from then on
    the answers are versions beside each other.
    """

    def select() -> Branch:
        if found := temporary_holding_for_writing(actor, message_id):
            chosen, has_changed = _select_temporary(found, message_id, keeps=keeps)
        else:
            chosen, has_changed = _select_stored(message_for_writing(actor, message_id), keeps=keeps)
        if has_changed:
            tell_user_after_commit(
                actor.user_id, ConversationBranch(conversation=chosen.conversation, leaf=chosen.leaf)
            )
        return chosen

    return take_once(actor, client_id, select, Branch)[0]


def _select_stored(message: Message, *, keeps: bool) -> tuple[Branch, bool]:
    tree, active = StoredTree(message.conversation_id), message.conversation.active_leaf_id
    node = Node(message.pk, message.parent_id, message.depth, message.comparison_id)
    leaf = tree.newest_leaf_below(node).id
    is_kept = node.comparison is not None and (keeps or _is_being_compared(tree, node, active))
    if is_kept:
        Message.objects.filter(comparison_id=message.comparison_id).update(comparison_id=None)
    Conversation.objects.filter(pk=message.conversation_id).update(active_leaf=leaf)
    return Branch(message.conversation_id, leaf), is_kept or leaf != active


def _select_temporary(
    conversation: temporary.TemporaryConversation, message_id: UUID, *, keeps: bool
) -> tuple[Branch, bool]:
    tree, active = TemporaryTree(conversation), conversation.leaf
    node = tree.find([message_id])[message_id]
    leaf = tree.newest_leaf_below(node).id
    is_kept = node.comparison is not None and (keeps or _is_being_compared(tree, node, active))
    sides = [each for each in conversation.messages.values() if is_kept and each.comparison_id == node.comparison]
    temporary.change_messages(conversation.id, {side.id: {"comparison_id": None} for side in sides})
    temporary.save_messages(conversation, leaf=leaf)
    return Branch(conversation.id, leaf), is_kept or leaf != active


def _is_being_compared(tree: Tree, node: Node, active_leaf: UUID | None) -> bool:
    """Whether the branch being read goes through the comparison a message is part of; paging to one is no choice."""
    if node.comparison is None or active_leaf is None:
        return False
    leaf = tree.find([active_leaf]).get(active_leaf)
    return leaf is not None and any(
        read.comparison == node.comparison for read in tree.climb(leaf, node.depth, node.depth)
    )


@transaction.atomic
def mark_seen(actor: Actor, *, conversation_id: UUID) -> None:
    """This will take the unread mark off a conversation; a temporary one has none."""
    check_writes(actor)
    if temporary_for(actor, conversation_id):
        return
    conversation = conversation_for_writing(actor, conversation_id)
    if conversation.is_unread:
        Conversation.objects.filter(pk=conversation.pk).update(is_unread=False)
        summary = ConversationSummary(id=conversation.pk, title=conversation.title, is_temporary=False)
        tell_user_after_commit(actor.user_id, ConversationChanged(conversation=summary))
