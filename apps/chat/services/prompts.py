"""The prompt library's verbs: make, change, restore, copy, delete, fill in."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.chat.access.library import prompt_for_reading, prompt_for_writing
from apps.chat.access.permissions import check_writes
from apps.chat.engine.variables import Variable, fault_of_declarations, fill_in, variables_of
from apps.chat.models import Prompt, PromptVersion
from apps.chat.prompt_errors import PromptNameTaken, TooMany, values_refused, words_for
from apps.chat.selectors.library import current_version, stored_variables, version_of
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Invalid
from olympus.kernel.text import clean_data, clean_text

# A prompt may carry a whole style guide; what is longer belongs into a project's files.
MAX_TEXT_LENGTH = 100_000
# A message holds no more, and into one it goes.
MAX_RENDERED_LENGTH = 500_000
# Far more than anyone finds again by name.
MAX_PROMPTS = 1_000
# A change a working day for most of a year; the oldest go first.
MAX_VERSIONS = 200
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NAME_LENGTH = 60
_TITLE_LENGTH = 120


@transaction.atomic
def create_prompt(
    actor: Actor,
    *,
    title: str,
    text: str,
    name: str = "",
    variables: Sequence[Variable] = (),
    is_shared: bool = False,
) -> Prompt:
    """This will store a prompt as its first version; without a name it is called by its title.

    Raises:
        PromptNameTaken: the actor has one of this name.
    """
    check_writes(actor)
    if Prompt.objects.filter(owner_id=actor.user_id).count() >= MAX_PROMPTS:
        raise TooMany(_("You have %(count)d prompts, which is as many as there may be.") % {"count": MAX_PROMPTS})
    title = _checked_title(title)
    prompt = Prompt(
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        name=_checked_name(name) if name else _free_name(actor, title),
        title=title,
        is_shared=is_shared,
    )
    text, data = _checked_text(text), _checked_variables(variables)
    _save(prompt, force_insert=True)
    PromptVersion.objects.create(prompt=prompt, number=1, text=text, variables=data)
    return prompt


@transaction.atomic
def change_prompt(
    actor: Actor,
    *,
    prompt_id: UUID,
    name: str | None = None,
    title: str | None = None,
    text: str | None = None,
    variables: Sequence[Variable] | None = None,
    is_shared: bool | None = None,
) -> Prompt:
    """This will change what is given; another text or other variables make a new version.

    Raises:
        PromptNameTaken: the actor has another one of this name.
    """
    prompt = prompt_for_writing(actor, prompt_id)
    prompt.name = prompt.name if name is None else _checked_name(name)
    prompt.title = prompt.title if title is None else _checked_title(title)
    prompt.is_shared = prompt.is_shared if is_shared is None else is_shared
    current = current_version(prompt)
    new_text = current.text if text is None else _checked_text(text)
    data = current.variables if variables is None else _checked_variables(variables)
    if (new_text, data) != (current.text, current.variables):
        _add_version(prompt, new_text, data)
    _save(prompt)
    return prompt


@transaction.atomic
def restore_version(actor: Actor, *, prompt_id: UUID, number: int) -> Prompt:
    """This will make an older version the newest again; the ones between stay."""
    prompt = prompt_for_writing(actor, prompt_id)
    old, current = version_of(prompt, number), current_version(prompt)
    if (old.text, old.variables) != (current.text, current.variables):
        _add_version(prompt, old.text, old.variables)
        _save(prompt)
    return prompt


@transaction.atomic
def copy_prompt(actor: Actor, *, prompt_id: UUID) -> Prompt:
    """This will make a prompt of the actor's own out of one they may read; it is not shared."""
    prompt = prompt_for_reading(actor, prompt_id)
    current = current_version(prompt)
    return create_prompt(actor, title=prompt.title, text=current.text, variables=stored_variables(current))


@transaction.atomic
def delete_prompt(actor: Actor, *, prompt_id: UUID) -> None:
    """This will remove a prompt with all its versions."""
    prompt_for_writing(actor, prompt_id).delete()


def render_prompt(actor: Actor, *, prompt_id: UUID, values: Mapping[str, Any]) -> str:
    """This will fill a prompt in.

    Raises:
        ValuesInvalid: with a sentence for each variable whose value does not fit.
    """
    current = current_version(prompt_for_reading(actor, prompt_id))
    return _filled(current.text, stored_variables(current), values)


def preview_prompt(text: str, variables: Sequence[Variable], values: Mapping[str, Any]) -> str:
    """This will fill in a prompt that is not stored, as `render_prompt` would."""
    _checked_variables(variables)
    return _filled(_checked_text(text), variables, values)


def _filled(text: str, declared: Sequence[Variable], values: Mapping[str, Any]) -> str:
    variables = variables_of(text, declared)
    filled = fill_in(text, variables, clean_data(values), max_length=MAX_RENDERED_LENGTH)
    if filled.faults:
        raise values_refused(filled.faults, variables)
    return filled.text


def _add_version(prompt: Prompt, text: str, variables: list[dict[str, Any]]) -> None:
    prompt.version += 1
    PromptVersion.objects.create(prompt=prompt, number=prompt.version, text=text, variables=variables)
    PromptVersion.objects.filter(prompt=prompt, number__lte=prompt.version - MAX_VERSIONS).delete()


def _save(prompt: Prompt, *, force_insert: bool = False) -> None:
    try:
        with transaction.atomic():
            prompt.save(force_insert=force_insert)
    except IntegrityError as error:
        raise PromptNameTaken(_("You have a prompt named /%(name)s already.") % {"name": prompt.name}) from error


def _checked_name(name: str) -> str:
    name = clean_text(name).strip().removeprefix("/").lower()
    if len(name) > _NAME_LENGTH or not _NAME.fullmatch(name):
        raise Invalid(
            _("A name has small letters, digits and hyphens between them, 60 at most. It is typed after /."),
            field="name",
        )
    return name


def _free_name(actor: Actor, title: str) -> str:
    """A name made of the title that the actor has not used yet."""
    begun = slugify(title)[: _NAME_LENGTH - 5].replace("_", "-").strip("-") or "prompt"
    begun = re.sub(r"-{2,}", "-", begun)
    taken = set(Prompt.objects.filter(owner_id=actor.user_id, name__startswith=begun).values_list("name", flat=True))
    return next(name for name in (begun, *(f"{begun}-{n}" for n in range(2, MAX_PROMPTS + 2))) if name not in taken)


def _checked_title(title: str) -> str:
    title = " ".join(clean_text(title).split())
    if not title:
        raise Invalid(_("A title needs at least one letter."), field="title")
    if len(title) > _TITLE_LENGTH:
        raise Invalid(_("A title has 120 characters at most."), field="title")
    return title


def _checked_text(text: str) -> str:
    text = clean_text(text).replace("\r\n", "\n")
    if not text.strip():
        raise Invalid(_("Write the prompt first."), field="text")
    if len(text) > MAX_TEXT_LENGTH:
        raise Invalid(_("A prompt has %(count)d characters at most.") % {"count": MAX_TEXT_LENGTH}, field="text")
    return text


def _checked_variables(variables: Sequence[Variable]) -> list[dict[str, Any]]:
    found = fault_of_declarations(variables)
    if found:
        place, fault = found
        raise Invalid(words_for(fault), field=f"variables.{place}".rstrip("."))
    data: list[dict[str, Any]] = clean_data([variable.as_data() for variable in variables])
    return data
