"""The doors to models: servers that have them, and models on their way."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from apps.inference.contracts import ModelInfo
from apps.inference.models import ModelJob, Provider, catalog_of
from tests.support.cast import Someone

_NOBODY = str(UUID(int=1))
OBJECTS: dict[str, Callable[[Someone], dict[str, object]]] = {
    **{
        f"settings/models/on/<uuid:provider_id>/{verb}": lambda who: {"provider_id": _ollama(who).pk}
        for verb in ("", "create/", "copy/", "delete/", "load/", "unload/", "pin/", "unpin/")
    },
    **{
        f"settings/models/jobs/<uuid:job_id>/{verb}/": lambda who: {"job_id": _job(who)} for verb in ("cancel", "retry")
    },
    **{
        f"api/v1/models/pulls/<uuid:job_id>{rest}": lambda who: {"job_id": _job(who)}
        for rest in ("", "/cancel", "/retry")
    },
}
FORMS: dict[str, dict[str, Any]] = {
    "settings/models/pull/": {"model": "new", "server": _NOBODY},
    "settings/models/access/undo/": {"model": "mine"},
    "settings/models/access/": {"model": "mine", "everybody": "", "roles": ["admin"]},
    "settings/models/on/<uuid:provider_id>/create/": {"model": "mine", "name": "new", "system": "Be brief."},
    "settings/models/on/<uuid:provider_id>/copy/": {"model": "mine", "name": "new"},
    **{
        f"settings/models/on/<uuid:provider_id>/{verb}/": {"model": "mine"}
        for verb in ("delete", "load", "unload", "pin", "unpin")
    },
}
BODIES: dict[str, Any] = {
    "api/v1/models/pulls": {"provider": _NOBODY, "model": "new"},
    "api/v1/models/creations": {"provider": _NOBODY, "model": "new", "base": "mine"},
    "api/v1/models/copy": {"provider": _NOBODY, "model": "mine", "name": "new"},
    "api/v1/models/access/undo": {"model": "mine"},
    "api/v1/models/access": {"model": "mine", "roles": ["admin"]},
    **{f"api/v1/models/{verb}": {"provider": _NOBODY, "model": "mine"} for verb in ("load", "unload", "delete")},
}


def _ollama(who: Someone) -> Provider:
    catalog = catalog_of([ModelInfo("mine")])
    return Provider.objects.create(
        organization_id=who.actor.organization_id,
        name="Ollama of theirs",
        kind="ollama",
        base_url="http://127.0.0.1:9",
        catalog=catalog,
    )


def _job(who: Someone) -> UUID:
    return ModelJob.objects.create(
        organization_id=who.actor.organization_id, provider=_ollama(who), kind="pull", model="mine", key="mine"
    ).pk
