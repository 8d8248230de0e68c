"""Prompts and presets: one's own, and what others of the organization share."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.chat.access.permissions import check_reads, check_writes
from apps.chat.models import Preset, Prompt
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Denied, NotFound


def readable_prompts(actor: Actor) -> "QuerySet[Prompt]":
    """This will select the prompts an actor may read: the own ones and what the organization shares."""
    check_reads(actor)
    return Prompt.objects.filter(Q(owner_id=actor.user_id) | Q(is_shared=True), organization_id=actor.organization_id)


def prompt_for_reading(actor: Actor, prompt_id: UUID) -> Prompt:
    """This will fetch a prompt the actor may read and use."""
    found = readable_prompts(actor).select_related("owner").filter(pk=prompt_id).first()
    if found is None:
        raise NotFound(_("There is no such prompt."))
    return found


def prompt_for_writing(actor: Actor, prompt_id: UUID) -> Prompt:
    """This will fetch and lock one of the actor's own prompts, inside a transaction.

    Raises:
        Denied: another person shares it; it can be copied.
    """
    check_writes(actor)
    found = readable_prompts(actor).select_for_update(of=("self",)).filter(pk=prompt_id).first()
    if found is None:
        raise NotFound(_("There is no such prompt."))
    if found.owner_id != actor.user_id:
        raise Denied(_("Only the person who made this prompt changes it. Duplicate it, then change yours."))
    return found


def own_presets(actor: Actor) -> "QuerySet[Preset]":
    """This will select the actor's presets."""
    check_reads(actor)
    return Preset.objects.filter(owner_id=actor.user_id, organization_id=actor.organization_id)


def preset_for_reading(actor: Actor, preset_id: UUID) -> Preset:
    """This will fetch one of the actor's presets."""
    found = own_presets(actor).filter(pk=preset_id).first()
    if found is None:
        raise NotFound(_("There is no such preset."))
    return found


def preset_for_writing(actor: Actor, preset_id: UUID) -> Preset:
    """This will fetch one of the actor's presets and lock them all, inside a transaction.

    All of them, since making one the default changes another.
    """
    check_writes(actor)
    found = {preset.pk: preset for preset in own_presets(actor).select_for_update().order_by("pk")}.get(preset_id)
    if found is None:
        raise NotFound(_("There is no such preset."))
    return found
