"""The prompt of a turn: what is read for it, and in which order it goes to the model."""

from collections.abc import Iterator
from uuid import UUID

from apps.agents.contracts import RunPrompt, RunRequest
from apps.chat.contracts import StoredMessage
from apps.chat.engine.context import fit_context, said_of
from apps.chat.errors import MessageNotFound, TemporaryGone
from apps.chat.models import Attachment, Message
from apps.chat.options import TurnOptions, read_options, with_options
from apps.chat.selectors import branch_above
from apps.chat.temporary import TemporaryConversation, load_temporary
from apps.inference.contracts import Capability, ChatMessage, ChatRequest, ChatRole, Image, ModelChoice
from apps.inference.facade import count_tokens


def stored_prompt(request: RunRequest, choice: ModelChoice) -> RunPrompt:
    """This will read the branch above the answer, newest first, as far as it fits."""
    branch = branch_above(request.subject_id)
    answer = next(branch, None)
    if answer is None or answer.parent_id is None:
        raise MessageNotFound
    has_vision = Capability.VISION in choice.capabilities
    # Images of the question itself always go along, so that a blind model is refused in clear words.
    messages = (_from_row(row, with_images=has_vision or row.pk == answer.parent_id) for row in said_of(branch))
    return _fitted(messages, answer.depth, read_options(request.options), choice)


def temporary_prompt(request: RunRequest, choice: ModelChoice) -> RunPrompt:
    """This will read the branch above the answer, newest first, as far as it fits."""
    conversation = load_temporary(request.thread_id)
    answer = conversation.messages.get(request.subject_id) if conversation else None
    if conversation is None or answer is None or answer.parent is None:
        raise TemporaryGone
    messages = (_said(m.role, m.text) for m in said_of(_above(conversation, answer.parent)))
    return _fitted(messages, answer.depth, read_options(answer.options), choice)


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
