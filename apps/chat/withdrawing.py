"""Where a conversation goes on when a message is withdrawn before its turn."""

from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Q, When

from apps.chat.engine.windows import Node
from apps.chat.events import ConversationBranch
from apps.chat.models import Conversation, Message
from apps.chat.selectors import StoredTree
from olympus.kernel.broadcast import tell_user_after_commit

# As `is_withdrawn` says it of one message.
_WITHDRAWN = Q(state="cancelled", model="", text="")


def leave_branch(answer_id: UUID) -> None:
    """This will move the active leaf off an answer that is withdrawn, inside a transaction.

    To the answer beside it, the other one of a comparison before all; else to the branch beside
    its question, which it was to replace; else to what stands above the question.
    """
    answer = Message.objects.select_related("parent").filter(pk=answer_id).first()
    if answer is None or answer.parent is None:
        return
    question = answer.parent
    beside = _answer_beside(answer) or _question_beside(question)
    leaf = _leaf_below(beside) if beside else question.parent_id
    moved = Conversation.objects.filter(active_leaf=answer_id).update(active_leaf=leaf)
    if moved and beside:
        tell_user_after_commit(answer.owner_id, ConversationBranch(conversation=answer.conversation_id, leaf=leaf))


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
