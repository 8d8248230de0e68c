"""What new conversations begin with."""

from typing import Any
from uuid import UUID

from django.utils.translation import ngettext

from apps.chat.models import Preset


def default_settings(owner_id: UUID) -> dict[str, Any]:
    """This will give the model and options of a person's default preset as a conversation's settings."""
    preset = Preset.objects.filter(owner_id=owner_id, is_default=True).first()
    return {"model": preset.model, "options": preset.options, "preset": str(preset.pk)} if preset else {}


def presets_naming(organization_id: UUID, names: frozenset[str]) -> str:
    """This will count the presets that name one of these models, in words; whose they are is nobody's business."""
    count = Preset.objects.filter(organization_id=organization_id, model__in=names).count()
    return ngettext("%(n)s preset", "%(n)s presets", count) % {"n": count} if count else ""
