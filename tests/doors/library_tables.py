"""The doors of projects, prompts and presets: how to make what they lead to, and what one says there."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

from apps.chat.contracts import Receipt
from apps.chat.services import post_message
from apps.chat.services.presets import create_preset
from apps.chat.services.projects import add_file, create_project
from apps.chat.services.prompts import create_prompt
from tests.support.cast import Someone

OBJECTS: dict[str, Callable[[Someone], dict[str, object]]] = {
    "projects/<uuid:project_id>/": lambda who: {"project_id": _project(who)},
    "prompts/<uuid:prompt_id>/": lambda who: {"prompt_id": _prompt(who)},
    "api/v1/messages/<uuid:message_id>/prompt": lambda who: {"message_id": _posted(who).answer},
    "api/v1/conversations/<uuid:conversation_id>/context": lambda who: {"conversation_id": _posted(who).conversation},
    **{
        f"api/v1/prompts/<uuid:prompt_id>{verb}": lambda who: {"prompt_id": _prompt(who)}
        for verb in ("", "/versions", "/restore", "/copy", "/render")
    },
    **{
        f"api/v1/projects/<uuid:project_id>{rest}": lambda who: {"project_id": _project(who)}
        for rest in ("", "/restore", "/files", "/members")
    },
    "api/v1/projects/<uuid:project_id>/files/<uuid:file_id>": lambda who: _project_file(who),
    "api/v1/projects/<uuid:project_id>/members/<uuid:user_id>": lambda who: {
        "project_id": _project(who),
        "user_id": who.user.pk,
    },
    "api/v1/presets/<uuid:preset_id>": lambda who: {"preset_id": _preset(who)},
}
FORMS: dict[str, dict[str, Any]] = {}


def _posted(who: Someone) -> Receipt:
    return post_message(who.actor, client_id="library-door", text="Mine alone")


def _prompt(who: Someone) -> object:
    return create_prompt(who.actor, title="Door", text="Open {{what}}").pk


def _project(who: Someone) -> UUID:
    return create_project(who.actor, name="Door").pk


def _project_file(who: Someone) -> dict[str, object]:
    project_id = _project(who)
    file = add_file(who.actor, project_id=project_id, name="a.txt", size_bytes=4, file=BytesIO(b"Zeus"))
    return {"project_id": project_id, "file_id": file.pk}


def _preset(who: Someone) -> object:
    return create_preset(who.actor, name="Door").pk
