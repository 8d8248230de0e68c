"""Chat as a host of runs: the prompt of a turn, and where its outcome goes."""

from collections.abc import Iterator
from uuid import UUID

from apps.agents.contracts import RunOutcome, RunPrompt, RunRequest, RunState, SnapshotContent
from apps.chat.contracts import StoredMessage
from apps.chat.engine.context import fit_context, is_withdrawn, said_of
from apps.chat.errors import MessageNotFound, TemporaryGone
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.options import TurnOptions, read_options, with_options
from apps.chat.selectors import branch_above
from apps.chat.temporary import TemporaryConversation, load_temporary, update_message
from apps.inference.contracts import Capability, ChatMessage, ChatRequest, ChatRole, Image, ModelChoice
from apps.inference.facade import count_tokens
from olympus.kernel.text import clean_text

_ERROR_LENGTH = 1000


class StoredConversations:
    """Conversations in the database."""

    def prompt(self, request: RunRequest, choice: ModelChoice) -> RunPrompt:
        """This will read the branch above the answer, newest first, as far as it fits."""
        branch = branch_above(request.subject_id)
        answer = next(branch, None)
        if answer is None or answer.parent_id is None:
            raise MessageNotFound
        has_vision = Capability.VISION in choice.capabilities
        # Images of the question itself always go along, so that a blind model is refused in clear words.
        messages = (_from_row(row, with_images=has_vision or row.pk == answer.parent_id) for row in said_of(branch))
        return _fitted(messages, answer.depth, read_options(request.options), choice)

    def finish(self, outcome: RunOutcome) -> None:
        """This will store the answer; a message withdrawn before its turn leaves the branch again."""
        if is_withdrawn(outcome.state, outcome.model, outcome.text):
            question = Message.objects.filter(children=outcome.subject_id).values("parent")
            Conversation.objects.filter(active_leaf=outcome.subject_id).update(active_leaf=question)
        Message.objects.filter(pk=outcome.subject_id).update(
            text=clean_text(outcome.text),
            thinking=clean_text(outcome.thinking),
            tool_calls=list(outcome.tool_calls),
            state=outcome.state,
            model=outcome.model[:200],
            provider=outcome.provider[:200],
            token_count=outcome.token_count,
            left_out_count=outcome.left_out_count,
            error_code=outcome.error_code,
            error_message=outcome.error_message[:_ERROR_LENGTH],
        )

    def outcome(self, subject_id: UUID, thread_id: UUID) -> SnapshotContent | None:
        """This will give back what was stored."""
        row = Message.objects.filter(pk=subject_id).first()
        return _snapshot(row) if row else None


class TemporaryConversations:
    """Conversations in Valkey; a flush ends them with an error."""

    def prompt(self, request: RunRequest, choice: ModelChoice) -> RunPrompt:
        """This will read the branch above the answer, newest first, as far as it fits."""
        conversation = load_temporary(request.thread_id)
        answer = conversation.messages.get(request.subject_id) if conversation else None
        if conversation is None or answer is None or answer.parent is None:
            raise TemporaryGone
        messages = (_said(m.role, m.text) for m in said_of(_above(conversation, answer.parent)))
        return _fitted(messages, answer.depth, read_options(answer.options), choice)

    def finish(self, outcome: RunOutcome) -> None:
        """This will store the answer where the conversation is.

        Raises:
            TemporaryGone: it ended meanwhile; an error has nothing to store and may pass.
        """
        conversation = load_temporary(outcome.thread_id)
        message = conversation.messages.get(outcome.subject_id) if conversation else None
        if message is None:
            if outcome.state is RunState.ERROR:
                return
            raise TemporaryGone
        message.text, message.thinking = outcome.text, outcome.thinking
        message.tool_calls = [dict(call) for call in outcome.tool_calls]
        message.state, message.model, message.provider = outcome.state.value, outcome.model, outcome.provider
        message.left_out_count = outcome.left_out_count
        message.error_code, message.error_message = outcome.error_code, outcome.error_message[:_ERROR_LENGTH]
        update_message(outcome.thread_id, message)

    def outcome(self, subject_id: UUID, thread_id: UUID) -> SnapshotContent | None:
        """This will give back what was stored."""
        conversation = load_temporary(thread_id)
        message = conversation.messages.get(subject_id) if conversation else None
        return _snapshot(message) if message else None


def _fitted(messages: Iterator[ChatMessage], above_count: int, options: TurnOptions, choice: ModelChoice) -> RunPrompt:
    fitted = fit_context(
        messages,
        system=options.system,
        context_length=choice.context_length,
        max_tokens=options.max_tokens,
        count_tokens=count_tokens,
    )
    request = ChatRequest(model=choice.model, messages=fitted.messages, context_length=choice.context_length)
    return RunPrompt(with_options(request, options), max(0, above_count - fitted.taken_count))


def _above(conversation: TemporaryConversation, message_id: UUID) -> Iterator[StoredMessage]:
    at: UUID | None = message_id
    while at is not None:
        message = conversation.messages[at]
        yield message
        at = message.parent


def _from_row(row: Message, *, with_images: bool) -> ChatMessage:
    images = _images(row) if row.role == Message.Role.USER and with_images else ()
    return _said(row.role, row.text, images)


def _said(role: str, text: str, images: tuple[Image, ...] = ()) -> ChatMessage:
    return ChatMessage(ChatRole.USER if role == "user" else ChatRole.ASSISTANT, text, images)


def _images(row: Message) -> tuple[Image, ...]:
    files = Attachment.objects.filter(message_id=row.pk, media_type__startswith="image/")
    images = []
    for attachment in files:
        with attachment.file.open("rb") as file:
            images.append(Image(attachment.media_type, file.read()))
    return tuple(images)


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
    )
