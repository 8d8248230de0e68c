"""The page of a conversation: its turns, and what is around them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from apps.accounts import facade as accounts
from apps.agents.contracts import RunState
from apps.chat.access import conversation_for_reading, temporary_for
from apps.chat.contracts import StoredMessage
from apps.chat.engine.markdown import render_markdown
from apps.chat.models import Attachment, Message
from apps.chat.pages.rail import RailGroup, rail_of
from apps.chat.selectors import newest_of_branch
from apps.inference import facade as inference
from apps.inference.contracts import Capability, ModelChoice, ProviderKind
from olympus.kernel.actor import Actor

# A page of history: what two screens hold twice over; older turns are loaded when asked for.
_TURNS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as the page shows it; an unfinished answer is filled by its run."""

    id: UUID
    role: str
    text: str
    html: str
    thinking: str
    state: str
    created_at: datetime
    run_id: UUID | None
    is_over: bool
    model: str
    provider: str
    error_code: str
    error_message: str
    left_out_count: int
    tool_calls: list[dict[str, Any]]
    attachments: list["AttachmentView"]
    seq: int = 0


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file as a chip or picture."""

    id: UUID
    name: str
    url: str
    media_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ConversationView:
    """The conversation a page is about."""

    id: UUID
    title: str
    is_temporary: bool


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model in the menu; `name` is what is sent."""

    name: str
    label: str
    provider: str
    capabilities: list[str]
    is_default: bool


@dataclass(frozen=True, slots=True)
class ChatPage:
    """A conversation, or a new one."""

    conversation: ConversationView | None
    turns: list[Turn]
    models: list[ModelView]
    rail: list[RailGroup]
    person: accounts.Person
    no_model: bool


def new_chat_page(actor: Actor) -> ChatPage:
    """This will compute the page on which a conversation begins."""
    return _page(actor, None, [])


def conversation_page(actor: Actor, conversation_id: UUID) -> ChatPage:
    """This will compute the page of one of the actor's conversations, stored or temporary."""
    view, turns = _conversation(actor, conversation_id)
    return _page(actor, view, turns)


def turns_after(actor: Actor, conversation_id: UUID, after: UUID | None) -> list[Turn]:
    """This will list the turns after a message on the active branch, all of them if it is not there."""
    _view, turns = _conversation(actor, conversation_id)
    ids = [turn.id for turn in turns]
    return turns[ids.index(after) + 1 :] if after in ids else turns


def _page(actor: Actor, view: ConversationView | None, turns: list[Turn]) -> ChatPage:
    models = _models(actor)
    return ChatPage(
        conversation=view,
        turns=turns,
        models=models,
        rail=rail_of(actor, view.id if view else None),
        person=accounts.person(actor),
        no_model=len(models) == 1,
    )


def _models(actor: Actor) -> list[ModelView]:
    choices = [c for c in inference.models_for(actor.organization_id) if Capability.CHAT in c.capabilities]
    default = inference.choose_model(actor.organization_id, None)
    return [_model_view(choice, is_default=choice == default) for choice in choices]


def _model_view(choice: ModelChoice, *, is_default: bool) -> ModelView:
    is_builtin = choice.kind is ProviderKind.BUILTIN
    return ModelView(
        name=choice.model if is_builtin else f"{choice.provider_name}/{choice.model}",
        label=choice.label,
        provider=choice.provider_name,
        capabilities=sorted(capability.value for capability in choice.capabilities),
        is_default=is_default,
    )


def _conversation(actor: Actor, conversation_id: UUID) -> tuple[ConversationView, list[Turn]]:
    if found := temporary_for(actor, conversation_id):
        view = ConversationView(found.id, found.title, is_temporary=True)
        return view, [_turn(message, []) for message in found.branch()]
    conversation = conversation_for_reading(actor, conversation_id)
    messages = newest_of_branch(conversation.active_leaf_id, limit=_TURNS_SHOWN)
    attachments: dict[UUID, list[AttachmentView]] = {}
    for attachment in Attachment.objects.filter(message_id__in=[m.pk for m in messages]):
        attachments.setdefault(attachment.message_id or attachment.pk, []).append(_attachment(attachment))
    view = ConversationView(conversation.pk, conversation.title, is_temporary=False)
    return view, [_turn(message, attachments.get(message.pk, [])) for message in messages]


def _turn(message: Message | StoredMessage, attachments: list[AttachmentView]) -> Turn:
    is_answer = message.role == "assistant"
    return Turn(
        id=message.id,
        role=message.role,
        text=message.text,
        html=render_markdown(message.text) if is_answer else "",
        thinking=message.thinking,
        state=message.state,
        created_at=message.created_at,
        run_id=message.run_id,
        is_over=not is_answer or RunState(message.state).is_over,
        model=message.model,
        provider=message.provider,
        error_code=message.error_code,
        error_message=message.error_message,
        left_out_count=message.left_out_count,
        tool_calls=list(message.tool_calls),
        attachments=attachments,
    )


def _attachment(attachment: Attachment) -> AttachmentView:
    url = reverse("attachment", args=[attachment.pk])
    return AttachmentView(attachment.pk, attachment.name, url, attachment.media_type, attachment.size_bytes)
