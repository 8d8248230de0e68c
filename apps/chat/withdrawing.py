"""Where a conversation goes on when a message is withdrawn before its turn."""

from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, When
from django.utils import timezone

from apps.chat.contracts import StoredMessage
from apps.chat.engine.context import is_withdrawn
from apps.chat.engine.windows import Node
from apps.chat.events import ConversationBranch
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.selectors import StoredTree
from apps.chat.temporary import TemporaryConversation, TemporaryTree, load_temporary, move_leaf, node_of
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.ids import uuid7

# As `is_withdrawn` says it of one message.
_WITHDRAWN = Q(state="cancelled", model="", text="")


def leave_branch(answer_id: UUID) -> None:
    """This will move the active leaf off an answer that is withdrawn, inside a transaction.

    To the answer beside it, the other one of a comparison before all; else to the branch beside
    its question, which it was to replace; else to what stands above the question. Files of a
    question that nothing else answers may be sent again.
    """
    answer = Message.objects.select_related("parent").filter(pk=answer_id).first()
    if answer is None or answer.parent is None:
        return
    question = answer.parent
    other = _answer_beside(answer)
    if other is None:
        _give_files_back(question)
    beside = other or _question_beside(question)
    leaf = _leaf_below(beside) if beside else question.parent_id
    moved = Conversation.objects.filter(active_leaf=answer_id).update(active_leaf=leaf)
    if moved and beside:
        tell_user_after_commit(answer.owner_id, ConversationBranch(conversation=answer.conversation_id, leaf=leaf))


def _give_files_back(question: Message) -> None:
    """They may be sent with another message; this one keeps rows of its own over the same files."""
    for attachment in Attachment.objects.select_for_update(of=("self",)).filter(message=question).order_by("pk"):
        Attachment.objects.filter(pk=attachment.pk).update(message=None, created_at=timezone.now())
        attachment.pk = uuid7()
        attachment.save(force_insert=True)


def leave_temporary_branch(conversation_id: UUID, answer_id: UUID) -> None:
    """This will do the same in a temporary conversation."""
    conversation = load_temporary(conversation_id)
    answer = conversation.messages.get(answer_id) if conversation else None
    if conversation is None or answer is None or answer.parent is None:
        return
    question = conversation.messages[answer.parent]
    beside = _temporary_beside(conversation, answer, question)
    leaf = TemporaryTree(conversation).newest_leaf_below(node_of(beside)).id if beside else question.parent
    if move_leaf(conversation_id, off=answer_id, to=leaf) and beside:
        tell_user_after_commit(conversation.owner_id, ConversationBranch(conversation=conversation_id, leaf=leaf))


def _temporary_beside(
    conversation: TemporaryConversation, answer: StoredMessage, question: StoredMessage
) -> StoredMessage | None:
    said = [m for m in conversation.messages.values() if not is_withdrawn(m.state, m.model, m.text)]
    answers = [m for m in said if m.parent == question.id and m.id != answer.id]
    if answers:
        return max(answers, key=lambda m: (bool(m.comparison_id) and m.comparison_id == answer.comparison_id, m.id))
    answered = {m.parent for m in said}
    questions = [m for m in said if m.parent == question.parent and m.role == "user" and m.id in answered]
    return max((m for m in questions if m.id != question.id), key=lambda m: m.id, default=None)


def _answer_beside(answer: Message) -> Message | None:
    others = Message.objects.filter(parent=answer.parent_id).exclude(_WITHDRAWN).exclude(pk=answer.pk)
    is_compared = Case(When(comparison_id=answer.comparison_id, then=0), default=1)
    return others.order_by(is_compared, "-id").first()


def _question_beside(question: Message) -> Message | None:
    answered = Exists(Message.objects.filter(parent=OuterRef("pk")).exclude(_WITHDRAWN))
    others = Message.objects.filter(
        answered, conversation=question.conversation_id, parent=question.parent_id, role=Message.Role.USER
    )
    return others.exclude(pk=question.pk).order_by("-id").first()


def _leaf_below(message: Message) -> UUID:
    node = Node(message.pk, message.parent_id, message.depth, message.comparison_id)
    return StoredTree(message.conversation_id).newest_leaf_below(node).id
