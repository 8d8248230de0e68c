"""The page of a conversation: its turns, and what is around them."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from apps.accounts import facade as accounts
from apps.chat.access import conversation_for_reading, temporary_for
from apps.chat.access.projects import project_for_using
from apps.chat.engine.windows import Ask, AskKind, Window
from apps.chat.errors import MessageNotFound
from apps.chat.models import Project
from apps.chat.options import may_share
from apps.chat.pages.rail import Rail, rail_of
from apps.chat.pages.turns import Turn, turns_of_stored, turns_of_temporary
from apps.chat.selectors import default_settings
from apps.inference import facade as inference
from apps.inference.contracts import Capability, ModelChoice
from olympus.kernel.actor import Actor

# With one model beside the built-in engine there is nothing to pick from.
_ONE_AND_BUILT_IN = 2


@dataclass(frozen=True, slots=True)
class ConversationView:
    """The conversation a page is about."""

    id: UUID
    title: str
    is_temporary: bool


@dataclass(frozen=True, slots=True)
class ProjectView:
    """The project a conversation is in."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model in the menu; `name` is what is sent, `note` what `auto` or a tier is good for."""

    name: str
    label: str
    provider: str
    capabilities: list[str]
    is_default: bool
    note: str
    is_loaded: bool


@dataclass(frozen=True, slots=True)
class ChatPage:
    """A conversation, or a new one."""

    conversation: ConversationView | None
    turns: list[Turn]
    window: Window
    settings: dict[str, Any]
    project: ProjectView | None
    models: list[ModelView]
    rail: Rail
    person: accounts.Person
    no_model: bool
    may_share: bool


@dataclass(frozen=True, slots=True)
class _Shown:
    """What of the page is the conversation's."""

    view: ConversationView | None = None
    turns: list[Turn] = field(default_factory=list)
    window: Window = field(default_factory=Window)
    settings: dict[str, Any] = field(default_factory=dict)
    project: ProjectView | None = None


def new_chat_page(actor: Actor, project_id: UUID | None = None) -> ChatPage:
    """This will compute the page on which a conversation begins, perhaps in a project."""
    project = _project(project_for_using(actor, project_id)) if project_id else None
    return _page(actor, _Shown(settings=default_settings(actor.user_id), project=project))


def conversation_page(actor: Actor, conversation_id: UUID, message_id: UUID | None = None) -> ChatPage:
    """This will compute the page of one of the actor's conversations, around a message if one is named.

    A message that is not in it any more, or never was, leaves the page as it opens by itself.
    """
    ask = Ask(AskKind.AROUND, message_id) if message_id else Ask()
    try:
        return _page(actor, _conversation(actor, conversation_id, ask))
    except MessageNotFound:
        return _page(actor, _conversation(actor, conversation_id, Ask()))


def _page(actor: Actor, shown: _Shown) -> ChatPage:
    models = _models(actor)
    return ChatPage(
        conversation=shown.view,
        turns=shown.turns,
        window=shown.window,
        settings=shown.settings,
        project=shown.project,
        models=models,
        rail=rail_of(actor, shown.view.id if shown.view else None),
        person=accounts.person(actor),
        no_model=len(models) == 1,
        may_share=actor.may_write and may_share(),
    )


def _models(actor: Actor) -> list[ModelView]:
    offered = inference.models_for(actor.organization_id, user_id=actor.user_id)
    choices = [choice for choice in offered if Capability.CHAT in choice.capabilities]
    default = inference.choose_model(actor.organization_id, None, user_id=actor.user_id)
    virtual = [choice for choice in choices if inference.is_virtual(choice)]
    if len(choices) - len(virtual) <= _ONE_AND_BUILT_IN:
        virtual = []  # they would all be the same model
    notes = inference.menu_notes(actor.organization_id) if virtual else {}
    shown = [*virtual, *(choice for choice in choices if not inference.is_virtual(choice))]
    return [_model_view(choice, notes.get(choice.model, ""), is_default=choice == default) for choice in shown]


def _model_view(choice: ModelChoice, note: str, *, is_default: bool) -> ModelView:
    return ModelView(
        name=choice.model if choice.provider_id is None else f"{choice.provider_name}/{choice.model}",
        label=choice.label,
        provider=choice.provider_name,
        capabilities=sorted(capability.value for capability in choice.capabilities),
        is_default=is_default,
        note=note if inference.is_virtual(choice) else "",
        is_loaded=choice.is_loaded,
    )


def _conversation(actor: Actor, conversation_id: UUID, ask: Ask) -> _Shown:
    if found := temporary_for(actor, conversation_id):
        turns, window = turns_of_temporary(found, ask)
        return _Shown(ConversationView(found.id, found.title, is_temporary=True), turns, window, found.settings)
    conversation = conversation_for_reading(actor, conversation_id)
    turns, window = turns_of_stored(conversation, ask)
    view = ConversationView(conversation.pk, conversation.title, is_temporary=False)
    return _Shown(view, turns, window, conversation.settings, _project(conversation.project))


def _project(project: Project | None) -> ProjectView | None:
    return ProjectView(project.pk, project.name) if project and project.deleted_at is None else None
