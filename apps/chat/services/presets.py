"""Presets: a model with its options under a name; at most one begins new conversations."""

from typing import Any
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.chat.access.library import own_presets, preset_for_writing
from apps.chat.access.permissions import check_writes
from apps.chat.models import Preset
from apps.chat.options import TurnOptions, stored_options
from apps.chat.prompt_errors import PresetNameTaken, TooMany
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Invalid
from olympus.kernel.text import clean_data, clean_text

# A menu longer than this is no help to anyone.
MAX_PRESETS = 100
_NAME_LENGTH = 60
_MODEL_LENGTH = 200


@transaction.atomic
def create_preset(
    actor: Actor, *, name: str, model: str = "", options: dict[str, Any] | None = None, is_default: bool = False
) -> Preset:
    """This will store a preset; a default one takes the place of the one before.

    Raises:
        PresetNameTaken: the actor has one of this name.
    """
    check_writes(actor)
    count = own_presets(actor).select_for_update().count()
    if count >= MAX_PRESETS:
        raise TooMany(_("You have %(count)d presets, which is as many as there may be.") % {"count": MAX_PRESETS})
    preset = Preset(
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        name=_checked_name(name),
        model=_checked_model(model),
        options=_checked_options(options or {}),
    )
    _save(preset, is_default=is_default, force_insert=True)
    return preset


@transaction.atomic
def change_preset(
    actor: Actor,
    *,
    preset_id: UUID,
    name: str | None = None,
    model: str | None = None,
    options: dict[str, Any] | None = None,
    is_default: bool | None = None,
) -> Preset:
    """This will change what is given.

    Raises:
        PresetNameTaken: the actor has another one of this name.
    """
    preset = preset_for_writing(actor, preset_id)
    preset.name = preset.name if name is None else _checked_name(name)
    preset.model = preset.model if model is None else _checked_model(model)
    preset.options = preset.options if options is None else _checked_options(options)
    _save(preset, is_default=preset.is_default if is_default is None else is_default)
    return preset


@transaction.atomic
def delete_preset(actor: Actor, *, preset_id: UUID) -> None:
    """This will remove a preset; conversations keep what they took from it."""
    preset_for_writing(actor, preset_id).delete()


def _save(preset: Preset, *, is_default: bool, force_insert: bool = False) -> None:
    if is_default:
        Preset.objects.filter(owner_id=preset.owner_id, is_default=True).exclude(pk=preset.pk).update(is_default=False)
    preset.is_default = is_default
    try:
        with transaction.atomic():
            preset.save(force_insert=force_insert)
    except IntegrityError as error:
        raise PresetNameTaken from error


def _checked_name(name: str) -> str:
    name = " ".join(clean_text(name).split())
    if not name:
        raise Invalid(_("A name needs at least one letter."), field="name")
    if len(name) > _NAME_LENGTH:
        raise Invalid(_("A name has 60 characters at most."), field="name")
    return name


def _checked_model(model: str) -> str:
    model = clean_text(model).strip()
    if len(model) > _MODEL_LENGTH:
        raise Invalid(_("No model has a name this long."), field="model")
    return model


def _checked_options(options: dict[str, Any]) -> dict[str, Any]:
    try:
        read = msgspec.convert(clean_data(options), TurnOptions)
    except msgspec.ValidationError as error:
        raise Invalid(
            _("These options do not fit: %(reason)s") % {"reason": str(error)[:300]}, field="options"
        ) from error
    except RecursionError as error:
        raise Invalid(_("The options are nested too deeply."), field="options") from error
    if read.temporary:
        raise Invalid(_("Whether a conversation is temporary is chosen when it begins."), field="options.temporary")
    return stored_options(read)
