"""Docker Model Runner. Source: github.com/docker/model-runner, pkg/server/server.go and pkg/inference/models/api.go."""

from collections.abc import Mapping
from typing import Any

from apps.discovery.contracts import FoundModel, ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, is_text, says
from apps.discovery.engine.listing import context_of, fields, is_locked, named, rows_at
from apps.discovery.engine.wire import Answers, answer_to, get, short_text

ROOT = get("/")
ENGINES = get("/engines/v1/models")
VERSION = get("/version")
RUNNING = get("/engines/ps")


def _model(row: Mapping[str, Any], loaded: set[str] | None) -> FoundModel:
    name = short_text(row.get("id"))
    return FoundModel(
        name=name,
        context_length=context_of(fields(row.get("dmr")).get("context_window")),
        is_loaded=name in loaded if loaded is not None else None,
    )


def _read(answers: Answers) -> Reading:
    running = answer_to(answers, RUNNING).json
    rows = running if isinstance(running, list) else None
    loaded = {short_text(row.get("model_name")) for row in rows if isinstance(row, dict)} if rows is not None else None
    return Reading(
        version=short_text(answer_to(answers, VERSION).at("version"), 60),
        models=named(_model(row, loaded) for row in rows_at(answer_to(answers, ENGINES), "data")),
        needs_key=is_locked(answers, ENGINES),
    )


FINGERPRINT = Fingerprint(
    kind=ServiceKind.MODEL_RUNNER,
    ports=(12434,),
    signs=(
        (is_text(ROOT, "Docker Model Runner is running"),),
        (says(ENGINES, ("data", 0, "owned_by"), "docker"),),
    ),
    details=(VERSION, RUNNING),
    read=_read,
    watch=(ENGINES,),
    alive=(says(ENGINES, ("object",), "list"),),
    base="/engines",
)
