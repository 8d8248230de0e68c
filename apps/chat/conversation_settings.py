"""What a conversation keeps for its next messages: the model, the options, the preset they came from."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from apps.chat.options import TurnOptions, stored_options
from olympus.kernel.errors import Invalid
from olympus.kernel.text import clean_text


class ConversationSettings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Model and options of the next messages; what is left out is Olympus's choice."""

    model: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    options: TurnOptions = msgspec.field(default_factory=TurnOptions)
    preset: UUID | None = None


def stored_settings(settings: ConversationSettings) -> dict[str, Any]:
    """This will give the settings as a conversation stores them.

    Raises:
        Invalid: they ask for what only a new conversation can be, or are too large.
    """
    if settings.options.temporary:
        raise Invalid(_("A stored conversation cannot become temporary."), field="settings.options.temporary")
    stored: dict[str, Any] = {}
    if settings.model:
        stored["model"] = clean_text(settings.model)
    if options := stored_options(settings.options):
        stored["options"] = options
    if settings.preset:
        stored["preset"] = str(settings.preset)
    return stored
