"""LiteLLM's proxy. Source: github.com/BerriAI/litellm, proxy/health_endpoints/_health_endpoints.py.

Its /health calls every model, so it is never asked.
"""

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, has, is_text
from apps.discovery.engine.listing import V1_MODELS, is_locked, openai_models
from apps.discovery.engine.wire import Answers, answer_to, get, short_text

ALIVE = get("/health/liveliness")
# Tells the version only where the owner lets it; newer versions keep it behind a key.
READY = get("/health/readiness")


def _read(answers: Answers) -> Reading:
    return Reading(
        version=short_text(answer_to(answers, READY).at("litellm_version"), 60),
        models=openai_models(answers),
        needs_key=is_locked(answers, V1_MODELS),
    )


FINGERPRINT = Fingerprint(
    kind=ServiceKind.LITELLM,
    ports=(4000,),
    signs=((is_text(ALIVE, "I'm alive!"),), (has(READY, {"litellm_version": str}),)),
    details=(READY,),
    read=_read,
    watch=(ALIVE,),
    alive=(is_text(ALIVE, "I'm alive!"),),
)
