"""Reads of the prompt library: prompts as they stand, their versions, presets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from apps.chat.engine.variables import Variable, VariableType, variables_of
from apps.chat.models import Prompt, PromptVersion
from olympus.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class PromptView:
    """A prompt with the version in use; `variables` are all it asks for, declared or not."""

    id: UUID
    name: str
    title: str
    text: str
    variables: list[dict[str, Any]]
    is_shared: bool
    is_own: bool
    owner_name: str
    version: int
    updated_at: datetime


def prompts_named(rows: "QuerySet[Prompt]", words: str) -> "QuerySet[Prompt]":
    """This will keep the prompts whose name or title has every one of the words."""
    for word in words.split()[:10]:
        rows = rows.filter(Q(title__icontains=word) | Q(name__icontains=word.removeprefix("/")))
    return rows


def prompt_views(rows: Sequence[Prompt], user_id: UUID) -> list[PromptView]:
    """This will show prompts as they stand, all by one query; their owners should be loaded."""
    versions = PromptVersion.objects.filter(prompt__in=rows, number=F("prompt__version"))
    by_prompt = {version.prompt_id: version for version in versions}
    return [_view(row, by_prompt[row.pk], user_id) for row in rows if row.pk in by_prompt]


def prompt_view(prompt: Prompt, user_id: UUID) -> PromptView:
    """This will show one prompt as it stands."""
    return _view(prompt, current_version(prompt), user_id)


def current_version(prompt: Prompt) -> PromptVersion:
    """This will read the version in use."""
    return PromptVersion.objects.get(prompt=prompt, number=prompt.version)


def version_of(prompt: Prompt, number: int) -> PromptVersion:
    """This will read one version."""
    # Numbers past Postgres's own integers are no version of anything.
    found = PromptVersion.objects.filter(prompt=prompt, number=number).first() if 0 < number < 2**31 else None
    if found is None:
        raise NotFound(_("There is no such version."))
    return found


def versions_of(prompt: Prompt, user_id: UUID) -> "QuerySet[PromptVersion]":
    """This will list the versions, newest first; of a prompt that somebody else shares the one that is shared.

    What stood in it before may not have been meant for others.
    """
    rows = PromptVersion.objects.filter(prompt=prompt)
    seen = rows if prompt.owner_id == user_id else rows.filter(number=prompt.version)
    return seen.order_by("-number")


def stored_variables(version: PromptVersion) -> list[Variable]:
    """This will read what a version declares."""
    return [read_variable(data) for data in version.variables]


def read_variable(data: dict[str, Any]) -> Variable:
    """This will read one variable back from its stored form."""
    return Variable(
        name=data["name"],
        label=data.get("label", ""),
        type=VariableType(data.get("type", "text")),
        required=data.get("required", True),
        default=data.get("default", ""),
        choices=tuple(data.get("choices", ())),
    )


def _view(prompt: Prompt, version: PromptVersion, user_id: UUID) -> PromptView:
    variables = variables_of(version.text, stored_variables(version))
    return PromptView(
        id=prompt.pk,
        name=prompt.name,
        title=prompt.title,
        text=version.text,
        variables=[variable.as_data() for variable in variables],
        is_shared=prompt.is_shared,
        is_own=prompt.owner_id == user_id,
        owner_name=prompt.owner.name or prompt.owner.email,
        version=prompt.version,
        updated_at=prompt.updated_at,
    )
