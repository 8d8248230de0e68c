"""Chat as a host of runs: the prompt of a turn, and where its outcome goes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.agents.contracts import RunOutcome, RunPrompt, RunRequest, RunState, SnapshotContent
from apps.chat.contracts import StoredMessage
from apps.chat.engine.context import is_withdrawn
from apps.chat.engine.routes import read_route
from apps.chat.errors import TemporaryGone
from apps.chat.models import Conversation, Message
from apps.chat.prompting import stored_prompt, temporary_prompt
from apps.chat.temporary import change_messages, load_temporary
from apps.chat.titles import order_title_after_commit
from apps.chat.withdrawing import leave_branch, leave_temporary_branch
from apps.inference.contracts import ModelChoice
from olympus.kernel.text import clean_text

_ERROR_LENGTH = 1000


class StoredConversations:
    """Conversations in the database."""

    def prompt(self, request: RunRequest, choice: ModelChoice) -> RunPrompt:
        """This will read the branch above the answer, newest first, as far as it fits."""
        return stored_prompt(request, choice)

    def finish(self, outcome: RunOutcome) -> None:
        """This will store the answer and mark the conversation unread.

        A message withdrawn before its turn leaves the branch again.
        """
        if is_withdrawn(outcome.state, outcome.model, outcome.text):
            leave_branch(outcome.subject_id)
        Message.objects.filter(pk=outcome.subject_id).update(
            text=clean_text(outcome.text),
            thinking=clean_text(outcome.thinking),
            tool_calls=list(outcome.tool_calls),
            state=outcome.state,
            model=outcome.model[:200],
            provider=outcome.provider[:200],
            token_count=outcome.token_count,
            left_out_count=outcome.left_out_count,
            route=_plain(outcome.route),
            error_code=outcome.error_code,
            error_message=outcome.error_message[:_ERROR_LENGTH],
        )
        order_title_after_commit(outcome)
        if outcome.state is not RunState.CANCELLED:  # who stopped it knows that it ended
            Conversation.objects.filter(pk=outcome.thread_id, is_unread=False).update(is_unread=True)

    def outcome(self, subject_id: UUID, thread_id: UUID) -> SnapshotContent | None:
        """This will give back what was stored."""
        row = Message.objects.filter(pk=subject_id).first()
        return _snapshot(row) if row else None


class TemporaryConversations:
    """Conversations in Valkey; a flush ends them with an error."""

    def prompt(self, request: RunRequest, choice: ModelChoice) -> RunPrompt:
        """This will read the branch above the answer, newest first, as far as it fits."""
        return temporary_prompt(request, choice)

    def finish(self, outcome: RunOutcome) -> None:
        """This will store the answer where the conversation is; one withdrawn before its turn leaves the branch.

        Raises:
            TemporaryGone: it ended meanwhile; an error has nothing to store and may pass.
        """
        changes = {
            "text": outcome.text,
            "thinking": outcome.thinking,
            "tool_calls": [dict(call) for call in outcome.tool_calls],
            "state": outcome.state.value,
            "model": outcome.model,
            "provider": outcome.provider,
            "token_count": outcome.token_count,
            "left_out_count": outcome.left_out_count,
            "route": _plain(outcome.route),
            "error_code": outcome.error_code,
            "error_message": outcome.error_message[:_ERROR_LENGTH],
        }
        try:
            change_messages(outcome.thread_id, {outcome.subject_id: changes})
            if is_withdrawn(outcome.state, outcome.model, outcome.text):
                leave_temporary_branch(outcome.thread_id, outcome.subject_id)
        except TemporaryGone:
            if outcome.state is not RunState.ERROR:
                raise

    def outcome(self, subject_id: UUID, thread_id: UUID) -> SnapshotContent | None:
        """This will give back what was stored."""
        conversation = load_temporary(thread_id)
        message = conversation.messages.get(subject_id) if conversation else None
        return _snapshot(message) if message else None


def _snapshot(message: Message | StoredMessage) -> SnapshotContent:
    error = {"code": message.error_code, "message": message.error_message} if message.error_code else None
    return SnapshotContent(
        state=RunState(message.state),
        text=message.text,
        thinking=message.thinking,
        tool_calls=list(message.tool_calls),
        model=message.model or None,
        provider=message.provider or None,
        left_out_count=message.left_out_count,
        error=error,
        route=read_route(message.route),
    )


def _plain(route: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return dict(route) if route else None
