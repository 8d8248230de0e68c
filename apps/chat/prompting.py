"""The prompt of a turn: what is read for it, from the conversation, its project and its files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any
from uuid import UUID

from apps.agents.contracts import RunPrompt, RunRequest
from apps.chat.access.projects import projects_open_to
from apps.chat.attaching import read_bytes, read_text
from apps.chat.contracts import StoredMessage
from apps.chat.engine.context import said_of
from apps.chat.engine.fencing import Document
from apps.chat.engine.prompt import BuiltPrompt, Ingredients, Said, build_prompt
from apps.chat.errors import MessageNotFound, TemporaryGone
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.options import TurnOptions, read_options, with_options
from apps.chat.selectors import branch_above
from apps.chat.temporary import TemporaryConversation, load_temporary
from apps.inference.contracts import Capability, ChatRequest, ChatRole, Image, ModelChoice
from apps.inference.facade import count_tokens

# Files are looked up for this many messages at once; most contexts are full before the first lot is.
_LOT = 100


def stored_prompt(request: RunRequest, choice: ModelChoice) -> RunPrompt:
    """This will build the prompt of an answer and keep with the answer what went in.

    It is kept before the model is asked, so that a crash in between does not lose it.
    """
    built, answer = built_prompt(request.subject_id, read_options(request.options), choice)
    left_out_count = max(0, answer.depth - built.taken_count)
    Message.objects.filter(pk=answer.pk).update(context=built.report(choice.model, left_out_count))
    prompt = _run_prompt(built, left_out_count, read_options(request.options), choice)
    # Who asks again, or compares two answers, wants another one.
    is_another = Message.objects.filter(parent_id=answer.parent_id).exclude(pk=answer.pk).exists()
    return replace(prompt, may_cache=not is_another)


def temporary_prompt(request: RunRequest, choice: ModelChoice) -> RunPrompt:
    """This will build the prompt of an answer in a temporary conversation; nothing of it is kept."""
    conversation = load_temporary(request.thread_id)
    answer = conversation.messages.get(request.subject_id) if conversation else None
    if conversation is None or answer is None or answer.parent is None:
        raise TemporaryGone
    options = read_options(answer.options)
    built = built_temporary(conversation, answer.parent, options, choice)
    prompt = _run_prompt(built, max(0, answer.depth - built.taken_count), options, choice)
    return replace(prompt, may_cache=False, may_store=False)


def built_prompt(answer_id: UUID, options: TurnOptions, choice: ModelChoice) -> tuple[BuiltPrompt, Message]:
    """This will build the prompt of a stored answer as it would be sent now.

    Raises:
        MessageNotFound: there is no such answer any more.
    """
    branch = branch_above(answer_id)
    answer = next(branch, None)
    if answer is None or answer.parent_id is None:
        raise MessageNotFound
    history = _with_files(said_of(branch), has_vision=Capability.VISION in choice.capabilities, asked=answer.parent_id)
    about = _about(answer.conversation_id)
    given = _ingredients(history, options, about, answer.owner_id, answer.organization_id)
    return _built(given, options, choice), answer


def built_so_far(
    conversation: Conversation, options: TurnOptions, choice: ModelChoice, *, project_id: UUID | None
) -> tuple[BuiltPrompt, int]:
    """This will build what the next message's prompt would hold without the message; and how many there are above."""
    branch = branch_above(conversation.active_leaf_id) if conversation.active_leaf_id else iter(())
    newest = next(branch, None)
    rows = _with_first(newest, branch) if newest else iter(())
    history = _with_files(said_of(rows), has_vision=Capability.VISION in choice.capabilities, asked=None)
    about = {"project_id": project_id, "settings": conversation.settings}
    given = _ingredients(
        history, options, about, conversation.owner_id, conversation.organization_id, has_question=False
    )
    return _built(given, options, choice), newest.depth + 1 if newest else 0


def built_temporary(
    conversation: TemporaryConversation,
    from_id: UUID | None,
    options: TurnOptions,
    choice: ModelChoice,
    *,
    has_question: bool = True,
) -> BuiltPrompt:
    """This will build a prompt of a temporary conversation from a message upwards."""
    history = (Said(_role(m.role), m.text) for m in said_of(_above(conversation, from_id)))
    return _built(Ingredients(history, options.system or "", has_question=has_question), options, choice)


def _built(given: Ingredients, options: TurnOptions, choice: ModelChoice) -> BuiltPrompt:
    return build_prompt(
        given, context_length=choice.context_length, max_tokens=options.max_tokens, count_tokens=count_tokens
    )


def _run_prompt(built: BuiltPrompt, left_out_count: int, options: TurnOptions, choice: ModelChoice) -> RunPrompt:
    request = ChatRequest(model=choice.model, messages=built.messages, context_length=choice.context_length)
    return RunPrompt(with_options(request, options), left_out_count)


def _about(conversation_id: UUID) -> dict[str, Any]:
    found = Conversation.objects.filter(pk=conversation_id).values_list("project_id", "settings").first()
    project_id, settings = found or (None, {})
    return {"project_id": project_id, "settings": settings}


def _ingredients(
    history: Iterable[Said],
    options: TurnOptions,
    about: dict[str, Any],
    owner_id: UUID,
    organization_id: UUID,
    *,
    has_question: bool = True,
) -> Ingredients:
    """A project gives only to those who may use it now: who was removed has nothing of it any more."""
    system = options.system if options.system is not None else _system_of(about["settings"])
    project_id = about["project_id"]
    project = projects_open_to(owner_id, organization_id).filter(pk=project_id).first() if project_id else None
    if project is None:
        return Ingredients(history, system, has_question=has_question)
    files = Attachment.objects.filter(project=project).order_by("id")
    return Ingredients(
        history,
        system,
        project_name=project.name,
        instructions=project.instructions,
        files=tuple(_document(file) for file in files),
        has_question=has_question,
    )


def _system_of(settings: Any) -> str:
    """The system prompt a conversation keeps for messages that come without one."""
    options = settings.get("options") if isinstance(settings, dict) else None
    system = options.get("system") if isinstance(options, dict) else None
    return system if isinstance(system, str) else ""


def _with_first(newest: Message, rest: Iterator[Message]) -> Iterator[Message]:
    yield newest
    yield from rest


def _with_files(rows: Iterator[Message], *, has_vision: bool, asked: UUID | None) -> Iterator[Said]:
    """Messages with their files, which are looked up a lot at a time and read when it is their turn.

    Images of the question itself always go along, so that a blind model is refused in clear words.
    """
    while lot := list(islice(rows, _LOT)):
        files = _files_of([row.pk for row in lot if row.role == Message.Role.USER])
        for row in lot:
            yield _said(row, files.get(row.pk, ()), with_images=has_vision or row.pk == asked)


def _files_of(message_ids: Sequence[UUID]) -> dict[UUID | None, list[Attachment]]:
    files: dict[UUID | None, list[Attachment]] = {}
    for file in Attachment.objects.filter(message_id__in=message_ids).order_by("id"):
        files.setdefault(file.message_id, []).append(file)
    return files


def _said(row: Message, files: Sequence[Attachment], *, with_images: bool) -> Said:
    images = [file for file in files if file.is_image] if with_images else []
    return Said(
        _role(row.role),
        row.text,
        documents=tuple(_document(file) for file in files if not file.is_image),
        images=tuple(Image(file.media_type, read_bytes(file)) for file in images),
        image_names=tuple(file.name for file in images),
    )


def _document(file: Attachment) -> Document:
    return Document(file.name, read_text(file))


def _role(role: str) -> ChatRole:
    return ChatRole.USER if role == "user" else ChatRole.ASSISTANT


def _above(conversation: TemporaryConversation, message_id: UUID | None) -> Iterator[StoredMessage]:
    at = message_id
    while at is not None:
        message = conversation.messages[at]
        yield message
        at = message.parent
