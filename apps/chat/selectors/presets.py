"""What new conversations begin with."""

from typing import Any
from uuid import UUID

from apps.chat.models import Preset


def default_settings(owner_id: UUID) -> dict[str, Any]:
    """This will give the model and options of a person's default preset as a conversation's settings."""
    preset = Preset.objects.filter(owner_id=owner_id, is_default=True).first()
    return {"model": preset.model, "options": preset.options, "preset": str(preset.pk)} if preset else {}
