"""SGLang. Source: github.com/sgl-project/sglang, srt/entrypoints/http_server.py."""

from dataclasses import replace

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, says
from apps.discovery.engine.listing import CHAT, EMBEDDINGS, V1_MODELS, VISION, context_of, is_locked, openai_models
from apps.discovery.engine.wire import Answers, Probe, answer_to, get, short_text

SERVER_INFO, OLD_SERVER_INFO = get("/server_info"), get("/get_server_info")
MODEL_INFO, OLD_MODEL_INFO = get("/model_info"), get("/get_model_info")


def _old_names(answers: Answers) -> tuple[Probe, ...]:
    pairs = ((SERVER_INFO, OLD_SERVER_INFO), (MODEL_INFO, OLD_MODEL_INFO))
    return tuple(old for new, old in pairs if answer_to(answers, new).status == 404)


def _either(answers: Answers, key: str) -> object:
    for probe in (SERVER_INFO, OLD_SERVER_INFO, MODEL_INFO, OLD_MODEL_INFO):
        value = answer_to(answers, probe).at(key)
        if value is not None:
            return value
    return None


def _read(answers: Answers) -> Reading:
    can = {CHAT} if _either(answers, "is_generation") is not False else {EMBEDDINGS}
    can |= {VISION} if _either(answers, "has_image_understanding") is True else set()
    models = openai_models(answers, is_loaded=True, capabilities=frozenset(can))
    context = context_of(_either(answers, "context_length"))
    return Reading(
        version=short_text(_either(answers, "version"), 60),
        models=tuple(replace(model, context_length=model.context_length or context) for model in models),
        needs_key=is_locked(answers, V1_MODELS, SERVER_INFO),
    )


FINGERPRINT = Fingerprint(
    kind=ServiceKind.SGLANG,
    ports=(30000,),
    signs=((says(V1_MODELS, ("data", 0, "owned_by"), "sglang"),),),
    details=(SERVER_INFO, MODEL_INFO),
    more=_old_names,
    read=_read,
    # /health makes the model generate a token in some versions; the list does not.
    watch=(V1_MODELS,),
    alive=(says(V1_MODELS, ("data", 0, "owned_by"), "sglang"),),
)
