"""The pages of the prompt library: prompts, one of them with its versions, and presets."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.chat.access.library import own_presets, prompt_for_reading, readable_prompts
from apps.chat.engine.variables import VariableType
from apps.chat.models import Preset, PromptVersion
from apps.chat.selectors.library import (
    PromptView,
    current_version,
    prompt_view,
    prompt_views,
    prompts_named,
    stored_variables,
    versions_of,
)
from apps.inference import facade as inference
from apps.inference.contracts import Capability
from olympus.kernel.actor import Actor

# A library of this size is read by filter, not by eye.
_PROMPTS_SHOWN = 500

# Who looks for an older one asks over REST, a page at a time.
_VERSIONS_SHOWN = 30

_TYPE_LABELS = {
    VariableType.TEXT: gettext_lazy("One line"),
    VariableType.LONG_TEXT: gettext_lazy("Long text"),
    VariableType.NUMBER: gettext_lazy("Number"),
    VariableType.CHOICE: gettext_lazy("Choice"),
    VariableType.DATE: gettext_lazy("Date"),
    VariableType.BOOLEAN: gettext_lazy("Yes or no"),
}


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt to begin with; `data` is what the page posts."""

    title: str
    gist: str
    data: str


@dataclass(frozen=True, slots=True)
class PromptsPage:
    """The prompts one may use."""

    own: list[PromptView]
    shared: list[PromptView]
    query: str
    examples: list[Example]


@dataclass(frozen=True, slots=True)
class PromptPage:
    """A prompt being written; without one, a new one."""

    prompt: PromptView | None
    declared: list[dict[str, Any]]
    types: list[tuple[str, str]]
    versions: list[PromptVersion]
    may_change: bool


@dataclass(frozen=True, slots=True)
class PresetsPage:
    """One's presets, and the models there are to choose."""

    presets: list[Preset]
    models: list[tuple[str, str]]


def prompts_page(actor: Actor, query: str) -> PromptsPage:
    """This will list the prompts one may use, one's own first; examples where there are none."""
    rows = prompts_named(readable_prompts(actor).select_related("owner"), query[:200]).order_by("title", "id")
    views = prompt_views(list(rows[:_PROMPTS_SHOWN]), actor.user_id)
    own, shared = [view for view in views if view.is_own], [view for view in views if not view.is_own]
    return PromptsPage(own, shared, query[:200], [] if own or query else examples())


def prompt_page(actor: Actor, prompt_id: UUID | None) -> PromptPage:
    """This will compute the page on which a prompt is written or read."""
    types = [(kind.value, str(label)) for kind, label in _TYPE_LABELS.items()]
    if prompt_id is None:
        return PromptPage(None, [], types, [], may_change=actor.may_write)
    prompt = prompt_for_reading(actor, prompt_id)
    declared = [variable.as_data() for variable in stored_variables(current_version(prompt))]
    view = prompt_view(prompt, actor.user_id)
    versions = list(versions_of(prompt, actor.user_id)[:_VERSIONS_SHOWN])
    return PromptPage(view, declared, types, versions, may_change=view.is_own and actor.may_write)


def presets_page(actor: Actor) -> PresetsPage:
    """This will list one's presets by name."""
    presets = list(own_presets(actor).order_by("name", "id"))
    return PresetsPage(presets, _models(actor, [preset.model for preset in presets]))


def _models(actor: Actor, kept: Sequence[str]) -> list[tuple[str, str]]:
    """Models as the menu of the composer names them, and those presets name that are not there now."""
    offered = inference.models_for(actor.organization_id, user_id=actor.user_id)
    choices = [choice for choice in offered if Capability.CHAT in choice.capabilities]
    named = {
        (c.model if c.provider_id is None else f"{c.provider_name}/{c.model}"): f"{c.label} · {c.provider_name}"
        for c in choices
    }
    missing = {model: _("%(model)s (not connected)") % {"model": model} for model in kept if model not in named}
    return [*named.items(), *((model, label) for model, label in missing.items() if model)]


def examples() -> list[Example]:
    """This will make three prompts people begin with, in their language."""
    return [_example(**asdict(one)) for one in _drafts()]


@dataclass(frozen=True, slots=True)
class _Draft:
    title: str
    gist: str
    text: str
    variables: list[dict[str, Any]]


def _drafts() -> list[_Draft]:
    audience = {"name": "audience", "label": _("For whom"), "default": _("a colleague"), "required": True}
    language = {"name": "language", "label": _("Into"), "default": _("English"), "required": True}
    passage = {"name": "text", "label": _("Text"), "type": "long_text", "required": True}
    tone = {
        "name": "tone",
        "label": _("Tone"),
        "type": "choice",
        "choices": [_("friendly"), _("formal"), _("brief")],
        "default": _("friendly"),
        "required": True,
    }
    return [
        _Draft(
            _("Summarize"),
            _("A text in a few points, for somebody in particular"),
            _("Summarize the text below for {{audience}} in at most five points.\n\n{{text}}"),
            [audience, passage],
        ),
        _Draft(
            _("Translate"),
            _("A text into another language, names and figures kept"),
            _("Translate the text below into {{language}}. Keep names, figures and formatting.\n\n{{text}}"),
            [language, passage],
        ),
        _Draft(
            _("Answer a mail"),
            _("A reply in the tone you choose"),
            _("Write a {{tone}} reply to this mail. Say that {{point}}.\n\n{{text}}"),
            [tone, {"name": "point", "label": _("What to say"), "required": True}, passage],
        ),
    ]


def _example(*, title: str, gist: str, text: str, variables: list[dict[str, Any]]) -> Example:
    return Example(title, gist, json.dumps({"title": title, "text": text, "variables": variables}))
