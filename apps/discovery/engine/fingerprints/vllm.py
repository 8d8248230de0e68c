"""vLLM. Source: github.com/vllm-project/vllm, entrypoints/openai (models) and entrypoints/serve (instrumentator, middleware)."""

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, contains, says
from apps.discovery.engine.listing import CHAT, V1_MODELS, is_locked, openai_models
from apps.discovery.engine.wire import Answers, answer_to, get, short_text

VERSION = get("/version")
HEALTH = get("/health")
METRICS = get("/metrics")


def _read(answers: Answers) -> Reading:
    return Reading(
        version=short_text(answer_to(answers, VERSION).at("version"), 60),
        models=openai_models(answers, is_loaded=True, capabilities=frozenset({CHAT})),
        needs_key=is_locked(answers, V1_MODELS),
    )


FINGERPRINT = Fingerprint(
    kind=ServiceKind.VLLM,
    ports=(8000,),
    # With --api-key the list is locked, but not the metrics.
    signs=((says(V1_MODELS, ("data", 0, "owned_by"), "vllm"),), (contains(METRICS, "vllm:", confidence=0.9),)),
    details=(VERSION,),
    read=_read,
    watch=(HEALTH, V1_MODELS),
    alive=(says(V1_MODELS, ("data", 0, "owned_by"), "vllm"),),
)
