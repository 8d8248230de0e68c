"""All that chat's templates show, computed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts import facade as accounts
from apps.agents import facade as agents
from apps.agents.contracts import RunState
from apps.chat.access import conversation_for_reading, temporary_for
from apps.chat.contracts import StoredMessage
from apps.chat.engine.markdown import render_markdown
from apps.chat.models import Attachment, Message
from apps.chat.selectors import conversations_of, newest_of_branch
from apps.inference import facade as inference
from apps.inference.contracts import Capability, ModelChoice, ProviderKind
from olympus.kernel.actor import Actor

# A page of history: what two screens hold twice over; older turns are loaded when asked for.
_TURNS_SHOWN = 100
_RAIL_LENGTH = 60


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
class RailRow:
    """One conversation in the rail."""

    id: UUID
    title: str
    url: str
    time: str
    is_current: bool
    is_answering: bool


@dataclass(frozen=True, slots=True)
class RailGroup:
    """Conversations of one day or span."""

    label: str
    conversations: list[RailRow] = field(default_factory=list)


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


def rail_of(actor: Actor, current: UUID | None) -> list[RailGroup]:
    """This will group a person's newest conversations by day."""
    answering = agents.live_threads_of(actor.user_id)
    today = timezone.localdate()
    groups: dict[str, RailGroup] = {}
    for conversation in conversations_of(actor.user_id, limit=_RAIL_LENGTH):
        when = timezone.localtime(conversation.updated_at)
        label = _day_label((today - when.date()).days)
        row = RailRow(
            id=conversation.pk,
            title=conversation.title,
            url=reverse("conversation", args=[conversation.pk]),
            time=date_format(when, "H:i" if when.date() == today else "j M"),
            is_current=conversation.pk == current,
            is_answering=conversation.pk in answering,
        )
        groups.setdefault(label, RailGroup(label)).conversations.append(row)
    return list(groups.values())


def rail_context(request: HttpRequest) -> dict[str, Any]:
    """This will give every signed-in page its rail and person, when its template asks."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        return {}
    return {"rail": _Lazy(lambda: rail_of(actor, None)), "person": _Lazy(lambda: accounts.person(actor))}


class _Lazy:
    """A template calls it, once, and only if the template shows it."""

    def __init__(self, compute: Any) -> None:
        self._compute = compute
        self._value: Any = None

    def __call__(self) -> Any:
        if self._value is None:
            self._value = self._compute()
        return self._value


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


def _day_label(days_ago: int) -> str:
    if days_ago <= 0:
        return _("Today")
    if days_ago == 1:
        return _("Yesterday")
    if days_ago < timedelta(days=7).days:
        return _("Last week")
    if days_ago < timedelta(days=31).days:
        return _("Last month")
    return _("Older")
