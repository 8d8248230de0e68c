"""llama.cpp's llama-server. Source: github.com/ggml-org/llama.cpp, tools/server/README.md and server.cpp."""

from collections.abc import Mapping
from typing import Any

from apps.discovery.contracts import FoundModel, HealthState, ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, header_is, says
from apps.discovery.engine.listing import (
    CHAT,
    TOOLS,
    V1_MODELS,
    VISION,
    context_of,
    fields,
    is_locked,
    items,
    named,
    rows_at,
)
from apps.discovery.engine.wire import Answers, answer_to, count_of, get, short_text

PROPS = get("/props")
HEALTH = get("/health")


def _is_loaded(row: Mapping[str, Any], *, is_ready: bool) -> bool:
    """A router lists a status for each model; a server of one model has loaded it once it is ready."""
    status = row.get("status")
    return status.get("value") == "loaded" if isinstance(status, dict) else is_ready


def _capabilities(row: Mapping[str, Any], answers: Answers) -> frozenset[str]:
    props = answer_to(answers, PROPS)
    inputs = items(fields(row.get("architecture")).get("input_modalities"))
    sees = "image" in inputs or props.at("modalities", "vision") is True
    calls = props.at("chat_template_caps", "supports_tool_calls") is True
    return frozenset({CHAT} | ({VISION} if sees else set()) | ({TOOLS} if calls else set()))


def _model(row: Mapping[str, Any], answers: Answers, *, is_ready: bool) -> FoundModel:
    meta = fields(row.get("meta"))
    return FoundModel(
        name=short_text(row.get("id")),
        capabilities=_capabilities(row, answers),
        context_length=context_of(meta.get("n_ctx")) or context_of(meta.get("n_ctx_train")),
        is_loaded=_is_loaded(row, is_ready=is_ready),
        size_bytes=count_of(meta.get("size")),
    )


def _read(answers: Answers) -> Reading:
    is_ready = answer_to(answers, HEALTH).status != 503
    rows = rows_at(answer_to(answers, V1_MODELS), "data")
    return Reading(
        version=short_text(answer_to(answers, PROPS).at("build_info"), 60),
        models=named(_model(row, answers, is_ready=is_ready) for row in rows),
        needs_key=is_locked(answers, PROPS, V1_MODELS),
        state=None if is_ready else HealthState.WARMING,
    )


FINGERPRINT = Fingerprint(
    kind=ServiceKind.LLAMACPP,
    ports=(8080, 9931),
    signs=((says(V1_MODELS, ("data", 0, "owned_by"), "llamacpp"),), (header_is(V1_MODELS, "server", "llama.cpp"),)),
    details=(PROPS, HEALTH),
    read=_read,
    watch=(HEALTH, V1_MODELS),
    alive=(header_is(V1_MODELS, "server", "llama.cpp"), says(V1_MODELS, ("data", 0, "owned_by"), "llamacpp")),
)
