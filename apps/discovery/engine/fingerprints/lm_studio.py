"""LM Studio. Source: github.com/lmstudio-ai/docs, 1_developer/2_rest/list.md (0.4.0 and later), endpoints.mdx (0.3.6)."""

from collections.abc import Mapping
from typing import Any

from apps.discovery.contracts import FoundModel, ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, first_has, has, is_empty
from apps.discovery.engine.listing import (
    CHAT,
    EMBEDDINGS,
    THINKING,
    TOOLS,
    VISION,
    context_of,
    fields,
    is_locked,
    items,
    named,
    rows_at,
)
from apps.discovery.engine.wire import Answers, answer_to, count_of, get, short_text

V1 = get("/api/v1/models")
V0 = get("/api/v0/models")


def _new(row: Mapping[str, Any]) -> FoundModel:
    can = fields(row.get("capabilities"))
    flags = {VISION: can.get("vision"), TOOLS: can.get("trained_for_tool_use"), THINKING: bool(can.get("reasoning"))}
    loaded = row.get("loaded_instances")
    return FoundModel(
        name=short_text(row.get("key")),
        capabilities=_of_type(row) | {name for name, has_it in flags.items() if has_it is True},
        context_length=context_of(row.get("max_context_length")),
        is_loaded=bool(loaded) if isinstance(loaded, list) else None,
        size_bytes=count_of(row.get("size_bytes")),
    )


def _old(row: Mapping[str, Any]) -> FoundModel:
    return FoundModel(
        name=short_text(row.get("id")),
        capabilities=_of_type(row) | ({TOOLS} if "tool_use" in items(row.get("capabilities")) else set()),
        context_length=context_of(row.get("max_context_length")),
        is_loaded=row.get("state") == "loaded",
    )


def _of_type(row: Mapping[str, Any]) -> frozenset[str]:
    if row.get("type") in {"embedding", "embeddings"}:
        return frozenset({EMBEDDINGS})
    return frozenset({CHAT, VISION}) if row.get("type") == "vlm" else frozenset({CHAT})


def _read(answers: Answers) -> Reading:
    new, old = rows_at(answer_to(answers, V1), "models"), rows_at(answer_to(answers, V0), "data")
    return Reading(
        models=named([_new(row) for row in new] or [_old(row) for row in old]),
        needs_key=is_locked(answers, V1, V0),
    )


FINGERPRINT = Fingerprint(
    kind=ServiceKind.LM_STUDIO,
    ports=(1234,),
    signs=(
        (first_has(V1, "models", ("key", "type", "loaded_instances")),),
        (first_has(V0, "data", ("id", "type", "state", "compatibility_type")),),
        # No model downloaded yet: the list is empty, but nobody else has one at this place.
        (is_empty(V1, "models", confidence=0.7),),
    ),
    read=_read,
    watch=(V1, V0),
    alive=(has(V1, {"models": list}), has(V0, {"data": list})),
)
