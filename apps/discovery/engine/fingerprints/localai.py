"""LocalAI. Source: github.com/mudler/LocalAI, core/http/routes/localai.go and endpoints/openai/list_capabilities.go."""

from collections.abc import Mapping
from typing import Any

from apps.discovery.contracts import FoundModel, ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, has
from apps.discovery.engine.listing import (
    CHAT,
    EMBEDDINGS,
    IMAGES,
    SPEECH,
    THINKING,
    TOOLS,
    TRANSCRIPTION,
    V1_MODELS,
    VISION,
    is_locked,
    items,
    named,
    openai_models,
    rows_at,
)
from apps.discovery.engine.wire import Answers, answer_to, get, short_text

WELL_KNOWN = get("/.well-known/localai.json")
CAPABILITIES = get("/v1/models/capabilities")
READY = get("/readyz")
_NAMES = {
    "chat": CHAT, "completion": CHAT, "embeddings": EMBEDDINGS, "vision": VISION, "tools": TOOLS, "thinking": THINKING,
    "image": IMAGES, "transcript": TRANSCRIPTION, "tts": SPEECH,
}  # fmt: skip


def _model(row: Mapping[str, Any]) -> FoundModel:
    sees = "image" in items(row.get("input_modalities"))
    can = {_NAMES[word] for word in items(row.get("capabilities")) if isinstance(word, str) and word in _NAMES}
    return FoundModel(name=short_text(row.get("id")), capabilities=frozenset(can | ({VISION} if sees else set())))


def _read(answers: Answers) -> Reading:
    rows = rows_at(answer_to(answers, CAPABILITIES), "data")
    return Reading(
        version=short_text(answer_to(answers, WELL_KNOWN).at("version"), 60),
        models=named(_model(row) for row in rows) or openai_models(answers),
        needs_key=is_locked(answers, V1_MODELS, CAPABILITIES),
    )


FINGERPRINT = Fingerprint(
    kind=ServiceKind.LOCALAI,
    ports=(8080,),
    signs=((has(WELL_KNOWN, {"version": str, "endpoints": dict}),),),
    details=(CAPABILITIES,),
    read=_read,
    watch=(READY, WELL_KNOWN),
    alive=(has(WELL_KNOWN, {"endpoints": dict}),),
)
