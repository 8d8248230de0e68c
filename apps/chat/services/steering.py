"""Steering: stop what is being written, keep its text, and answer this next.

Messages that wait behind what is being written stay in their order, behind the steering
one: they have no answer yet, so they move below it. An answer that was ordered but has not
begun ends empty; its question stays said. While a stop is still under way a further
steering message waits its turn like any other, so that those said in a row keep their order.
"""

from collections.abc import Callable
from uuid import UUID

from django.db import connection, transaction

from apps.agents import facade as agents
from apps.chat.access import conversation_for_writing
from apps.chat.contracts import Receipt
from apps.chat.engine.steering import Steering, plan_steering
from apps.chat.events import ConversationBranch
from apps.chat.models import Conversation, Message
from apps.chat.selectors import StoredTree
from apps.chat.services.drafts import Draft
from apps.chat.services.ordering import new_question, store_and_order
from olympus.kernel.actor import Actor
from olympus.kernel.broadcast import tell_user_after_commit

# Each try begins with what another tab or the worker left; more than one other at a time is rare.
_TRIES = 5
_SHIFT = """
WITH RECURSIVE below AS (
    SELECT id FROM chat_message WHERE id = %s
    UNION ALL
    SELECT m.id FROM below b JOIN chat_message m ON m.parent_id = b.id
)
UPDATE chat_message SET depth = depth + 2 WHERE id IN (SELECT id FROM below)
"""


def steer_stored(draft: Draft, conversation_id: UUID, attach: Callable[[Message], None]) -> Receipt | None:
    """This will stop what is being written and post the message below it; None if nothing is to be stopped.

    Runs are locked before the conversation, as they are where they end: what is found
    without locks is looked at again once they are held.
    """
    for _try in range(_TRIES):
        plan = _plan(draft.actor, conversation_id)
        if plan is None:
            return None
        with transaction.atomic():
            if not agents.interrupt_runs(draft.actor, run_ids=plan.runs):
                return None
            conversation = conversation_for_writing(draft.actor, conversation_id)
            if draft.model:
                conversation.settings = {**conversation.settings, "model": draft.model}
            if _plan(draft.actor, conversation_id) == plan:
                return _post(draft.within(conversation.settings), conversation, plan, attach)
            transaction.set_rollback(True)
    return None


def _plan(actor: Actor, conversation_id: UUID) -> Steering | None:
    live = agents.live_runs_of_thread(actor.user_id, conversation_id)
    own = Conversation.objects.filter(pk=conversation_id, owner_id=actor.user_id)
    leaf_id = own.values_list("active_leaf_id", flat=True).first() if live else None
    return plan_steering(StoredTree(conversation_id), leaf_id, live)


def _post(draft: Draft, conversation: Conversation, plan: Steering, attach: Callable[[Message], None]) -> Receipt:
    question = new_question(draft, conversation, Message.objects.get(pk=plan.head.id))
    waits_for = agents.unfinished_run_for(plan.head.id)
    leaf = plan.behind[-1].id if plan.behind else None
    receipt = store_and_order(draft, conversation, question, waits_for=waits_for, leaf=leaf)
    attach(question)
    if plan.behind:
        first = plan.behind[0].id
        waiting = Message.objects.filter(parent_id=first).values_list("run_id", flat=True)
        with connection.cursor() as cursor:
            cursor.execute(_SHIFT, [first])
        Message.objects.filter(pk=first).update(parent_id=receipt.answer)
        agents.wait_behind([run_id for run_id in waiting if run_id], waits_for_id=receipt.run_id)
        tell_user_after_commit(draft.actor.user_id, ConversationBranch(conversation=conversation.pk, leaf=leaf))
    return receipt
