"""Titles a quick model gives: ordered when the first answer of a conversation is stored, made apart from answers.

Until then, and wherever this fails, the first words of the question are the title. Losing an
order does no harm, so nothing is kept of them but what waits in the worker's memory.
"""

import asyncio
import logging
import queue
import threading
from functools import cache
from uuid import UUID

from django.db import close_old_connections, transaction
from kombu.exceptions import OperationalError

from apps.accounts import facade as accounts
from apps.agents import facade as agents
from apps.agents.contracts import RunOutcome, RunState
from apps.chat.engine.titling import read_title, title_prompt
from apps.chat.events import ConversationChanged, ConversationSummary
from apps.chat.models import Conversation, Message, TitleSource
from apps.chat.options import titles_come_from_models
from apps.inference.contracts import (
    Caller,
    CallOptions,
    Capability,
    ChatRequest,
    ModelChoice,
    Sampling,
    TextDelta,
    TierName,
)
from apps.inference.facade import choose_model, stream_call
from olympus.celery import app
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.errors import OlympusError
from olympus.kernel.http import run_alone

logger = logging.getLogger(__name__)

# A title that takes longer keeps a model from answers, which people wait for.
_PATIENCE_S = 20.0
_MAX_TOKENS = 60
# A model that does not stop has said its title long before.
_MAX_CHARS = 2000
# Two at a time leave a model server's other places to answers.
_AT_ONCE = 2
# More than wait here are a flood, whose titles nobody reads; their first words do.
_MOST_WAITING = 100


def order_title_after_commit(outcome: RunOutcome) -> None:
    """This will order a title once the first answer of a conversation is stored."""
    if outcome.state is RunState.COMPLETE and outcome.text:
        transaction.on_commit(lambda: _order(outcome.thread_id, outcome.subject_id), robust=True)


def _order(conversation_id: UUID, answer_id: UUID) -> None:
    firsts = Message.objects.filter(pk=answer_id, depth=1, conversation__title_source=TitleSource.WORDS)
    if not firsts.exists() or not titles_come_from_models():
        return
    try:
        app.send_task("apps.chat.tasks.give_title", args=[str(conversation_id), str(answer_id)], retry=False)
    except (OperationalError, OSError):
        logger.warning("the broker is down; conversation %s keeps its first words as title", conversation_id)


def give_title(conversation_id: UUID, answer_id: UUID) -> bool:
    """This will ask the fast tier for a title and store it; a person's title is never replaced."""
    answer = Message.objects.filter(pk=answer_id).select_related("parent", "conversation").first()
    if answer is None or answer.parent is None or answer.conversation.title_source != TitleSource.WORDS:
        return False
    try:
        # Where nothing but the built-in engine is connected there is no tier, and the first words say more.
        choice = choose_model(answer.organization_id, TierName.FAST)
        key_id = agents.key_of_run(answer.run_id)
        caller = Caller(
            organization_id=answer.organization_id,
            user_id=answer.owner_id,
            door="title",
            api_key_id=key_id,
            allowed_models=accounts.models_of_key(key_id),
        )
        title = run_alone(lambda: _ask(caller, choice, answer.parent.text if answer.parent else "", answer.text))
    except (OlympusError, TimeoutError) as error:
        logger.info("no title for conversation %s: %s", conversation_id, error)
        return False
    return bool(title) and _store(answer.conversation, title)


async def _ask(caller: Caller, choice: ModelChoice, question: str, answer: str) -> str:
    request = ChatRequest(
        model=choice.model,
        messages=title_prompt(question, answer),
        sampling=Sampling(temperature=0.2, max_tokens=_MAX_TOKENS),
        think=False if Capability.THINKING in choice.capabilities else None,
        context_length=choice.context_length,
    )
    said = ""
    events = stream_call(caller, choice, request, CallOptions(may_cache=False, may_store=False))
    try:
        async with asyncio.timeout(_PATIENCE_S):
            async for event in events:
                said += event.text if isinstance(event, TextDelta) else ""
                if len(said) > _MAX_CHARS:
                    break
    finally:
        await events.aclose()
    return read_title(said)


@transaction.atomic
def _store(conversation: Conversation, title: str) -> bool:
    """A name given or a deletion meanwhile wins."""
    rows = Conversation.objects.filter(pk=conversation.pk, title_source=TitleSource.WORDS, deleted_at=None)
    if not rows.update(title=title, title_source=TitleSource.MODEL):
        return False
    summary = ConversationSummary(id=conversation.pk, title=title, is_temporary=False)
    tell_user_after_commit(conversation.owner_id, ConversationChanged(conversation=summary))
    return True


class _Desk:
    """Makes titles on threads that keep no worker from stopping."""

    def __init__(self) -> None:
        self._orders: queue.Queue[tuple[UUID, UUID]] = queue.Queue(_MOST_WAITING)
        for number in range(_AT_ONCE):
            threading.Thread(target=self._work, name=f"title {number}", daemon=True).start()

    def take(self, conversation_id: UUID, answer_id: UUID) -> None:
        """This will put an order behind the others, or drop it where too many wait."""
        try:
            self._orders.put_nowait((conversation_id, answer_id))
        except queue.Full:
            logger.warning("too many titles wait; conversation %s keeps its first words", conversation_id)

    def _work(self) -> None:
        while True:
            conversation_id, answer_id = self._orders.get()
            try:
                give_title(conversation_id, answer_id)
            except Exception:  # one title that fails must not end the thread that makes the others
                logger.exception("no title for conversation %s", conversation_id)
            finally:
                close_old_connections()


@cache
def title_desk() -> _Desk:
    """This will give the process's desk, opened by whoever asks first."""
    return _Desk()
