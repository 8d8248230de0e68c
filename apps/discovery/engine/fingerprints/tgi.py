"""Hugging Face's text-generation-inference. Source: github.com/huggingface/text-generation-inference, router/src/server.rs."""

from apps.discovery.contracts import FoundModel, ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, says
from apps.discovery.engine.listing import CHAT, V1_MODELS, VISION, context_of, is_locked, named
from apps.discovery.engine.wire import Answers, answer_to, get, short_text

INFO = get("/info")
HEALTH = get("/health")


def _read(answers: Answers) -> Reading:
    info = answer_to(answers, INFO)
    sees = info.at("model_pipeline_tag") == "image-text-to-text"
    model = FoundModel(
        name=short_text(info.at("model_id")),
        capabilities=frozenset({CHAT, VISION} if sees else {CHAT}),
        context_length=context_of(info.at("max_total_tokens")),
        is_loaded=True,
    )
    return Reading(
        version=short_text(info.at("version"), 60), models=named([model]), needs_key=is_locked(answers, V1_MODELS)
    )


FINGERPRINT = Fingerprint(
    kind=ServiceKind.TGI,
    ports=(3000, 80),
    signs=((says(INFO, ("router",), "text-generation-router"),),),
    read=_read,
    watch=(HEALTH, INFO),
    alive=(says(INFO, ("router",), "text-generation-router"),),
)
