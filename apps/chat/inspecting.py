"""Looking into prompts: what an answer's held, and what the next message's would."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.chat.access import (
    conversation_for_reading,
    message_for_reading,
    project_for_using,
    temporary_for,
    temporary_holding,
)
from apps.chat.contracts import StoredMessage
from apps.chat.engine.prompt import BuiltPrompt, PartKind
from apps.chat.errors import MessageNotFound
from apps.chat.models import Conversation, Message
from apps.chat.options import TurnOptions, read_options
from apps.chat.prompting import built_prompt, built_so_far, built_temporary
from apps.chat.selectors import default_settings
from apps.inference import facade as inference
from apps.inference.contracts import ChatRole, ModelChoice
from olympus.kernel.actor import Actor
from olympus.kernel.errors import NotFound

# What a person reads of one part before they would rather open the file.
_MAX_TEXT = 100_000


def answer_prompt(actor: Actor, message_id: UUID) -> dict[str, Any]:
    """This will build the prompt of one of the actor's answers again, and tell what its report said then.

    Instructions and files are those of now; `stored` is what went in when it was asked.

    Raises:
        MessageNotFound: it is not an answer of the actor's.
        NotFound: the model is gone, and another one's window would tell nothing.
    """
    if found := temporary_holding(actor, message_id):
        message = found.messages[message_id]
        _check_is_answer(message)
        options, choice = read_options(message.options), _choice(actor, message)
        built = built_temporary(found, message.parent, options, choice)
        return _inspected(built, choice, message.depth, None)
    row = message_for_reading(actor, message_id)
    _check_is_answer(row)
    options, choice = read_options(row.options), _choice(actor, row)
    built, answer = built_prompt(row.pk, options, choice)
    return _inspected(built, choice, answer.depth, labeled(row.context) if row.context else None)


def coming_context(actor: Actor, conversation_id: UUID, *, model: str, project_id: UUID | None) -> dict[str, Any]:
    """This will tell what the next message's prompt would hold beside the message.

    Without a model it is the one the conversation keeps, else the default; a project given is tried in its place.

    Raises:
        NotFound: the conversation, the project or the model is not there.
    """
    if found := temporary_for(actor, conversation_id):
        choice = inference.choose_model(actor.organization_id, model or None, user_id=actor.user_id)
        above = found.messages[found.leaf].depth + 1 if found.leaf else 0
        built = built_temporary(found, found.leaf, TurnOptions(), choice, has_question=False)
        return labeled(built.report(choice.model, max(0, above - built.taken_count)))
    conversation = conversation_for_reading(actor, conversation_id)
    if project_id:
        project_for_using(actor, project_id)
    kept = conversation.settings if isinstance(conversation.settings, dict) else {}
    choice = inference.choose_model(actor.organization_id, model or kept.get("model") or None, user_id=actor.user_id)
    options = read_options(kept.get("options") or {})
    built, above = built_so_far(conversation, options, choice, project_id=project_id or conversation.project_id)
    return labeled(built.report(choice.model, max(0, above - built.taken_count)))


def first_context(actor: Actor, *, model: str, project_id: UUID | None) -> dict[str, Any]:
    """This will tell what the first message's prompt of a conversation not begun would hold beside it.

    Raises:
        NotFound: the project or the model is not there.
    """
    if project_id:
        project_for_using(actor, project_id)
    kept = default_settings(actor.user_id)
    choice = inference.choose_model(actor.organization_id, model or kept.get("model") or None, user_id=actor.user_id)
    coming = Conversation(owner_id=actor.user_id, organization_id=actor.organization_id, settings=kept)
    built, _above = built_so_far(coming, read_options(kept.get("options") or {}), choice, project_id=project_id)
    return labeled(built.report(choice.model, 0))


def labeled(report: dict[str, Any]) -> dict[str, Any]:
    """This will name the parts that have no name of their own, in the reader's language."""
    return {**report, "parts": [{**part, "label": part["label"] or _label(part["kind"])} for part in report["parts"]]}


def _label(kind: str) -> str:
    labels = {
        PartKind.SYSTEM: _("System prompt"),
        PartKind.HISTORY: _("Conversation"),
        PartKind.ATTACHMENTS: _("Attachment"),
        PartKind.PROJECT: _("Project"),
        PartKind.FILE: _("File"),
    }
    return labels[PartKind(kind)]


def _check_is_answer(message: Message | StoredMessage) -> None:
    if message.role != "assistant" or (message.parent_id if isinstance(message, Message) else message.parent) is None:
        raise MessageNotFound


def _choice(actor: Actor, message: Message | StoredMessage) -> ModelChoice:
    """The model that answered, at its own provider if that still has it."""
    if message.provider and message.model:
        try:
            return inference.choose_model(actor.organization_id, f"{message.provider}/{message.model}")
        except NotFound:
            pass  # the server was renamed or removed; another may offer the same model
    return inference.choose_model(actor.organization_id, message.model or None)


def _inspected(built: BuiltPrompt, choice: ModelChoice, depth: int, stored: dict[str, Any] | None) -> dict[str, Any]:
    report = labeled(built.report(choice.model, max(0, depth - built.taken_count)))
    texts = [_transcript(built) if part.kind is PartKind.HISTORY else part.text for part in built.parts]
    parts = [
        {"message_count": None, **data, "text": text[:_MAX_TEXT], "text_length": len(text)}
        for data, text in zip(report["parts"], texts, strict=True)
    ]
    return {**report, "parts": parts, "stored": stored}


def _transcript(built: BuiltPrompt) -> str:
    """The history as it is sent, each message after who said it."""
    said = [message for message in built.messages if message.role is not ChatRole.SYSTEM]
    return "\n\n".join(f"[{message.role.value}]\n{message.text}" for message in said)
