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
from apps.chat.engine.windows import Node
from apps.chat.events import ConversationBranch, ConversationChanged, ConversationSummary
from apps.chat.models import Conversation
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


def select_branch(actor: Actor, *, client_id: str, message_id: UUID) -> Branch:
    """This will make the newest branch through a message the active one, once for each `client_id`."""

    def select() -> Branch:
        if found := temporary_holding_for_writing(actor, message_id):
            tree = TemporaryTree(found)
            leaf = tree.newest_leaf_below(tree.find([message_id])[message_id]).id
            has_moved = leaf != found.leaf
            temporary.save_messages(found, leaf=leaf)
            chosen = Branch(found.id, leaf)
        else:
            message = message_for_writing(actor, message_id)
            node = Node(message.pk, message.parent_id, message.depth, message.comparison_id)
            leaf = StoredTree(message.conversation_id).newest_leaf_below(node).id
            has_moved = leaf != message.conversation.active_leaf_id
            Conversation.objects.filter(pk=message.conversation_id).update(active_leaf=leaf)
            chosen = Branch(message.conversation_id, leaf)
        if has_moved:
            tell_user_after_commit(actor.user_id, ConversationBranch(conversation=chosen.conversation, leaf=leaf))
        return chosen

    return take_once(actor, client_id, select, Branch)[0]


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
