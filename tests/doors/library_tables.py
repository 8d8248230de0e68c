"""The doors of projects, prompts and presets: how to make what they lead to, and what one says there."""

from collections.abc import Callable
from typing import Any

from apps.chat.services.presets import create_preset
from apps.chat.services.prompts import create_prompt
from tests.support.cast import Someone

OBJECTS: dict[str, Callable[[Someone], dict[str, object]]] = {
    **{
        f"api/v1/prompts/<uuid:prompt_id>{verb}": lambda who: {"prompt_id": _prompt(who)}
        for verb in ("", "/versions", "/restore", "/copy", "/render")
    },
    "api/v1/presets/<uuid:preset_id>": lambda who: {"preset_id": _preset(who)},
}
FORMS: dict[str, dict[str, Any]] = {}


def _prompt(who: Someone) -> object:
    return create_prompt(who.actor, title="Door", text="Open {{what}}").pk


def _preset(who: Someone) -> object:
    return create_preset(who.actor, name="Door").pk
