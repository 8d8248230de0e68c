"""Any other server that speaks OpenAI's API. Source: platform.openai.com/docs/api-reference/models."""

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, Sign, says
from apps.discovery.engine.listing import V1_MODELS, is_locked, openai_models
from apps.discovery.engine.wire import Answer, Answers


def _locked(answer: Answer) -> str:
    """A list that is locked in JSON; half a sign: other products lock the same path."""
    error = answer.at("error") if answer.status in {401, 403} else None
    is_openai = isinstance(error, dict) and isinstance(error.get("message"), str)
    return f"HTTP {answer.status}, error.message" if is_openai else ""


def _read(answers: Answers) -> Reading:
    return Reading(models=openai_models(answers), needs_key=is_locked(answers, V1_MODELS))


FINGERPRINT = Fingerprint(
    kind=ServiceKind.OPENAI,
    ports=(5000, 5001, 8000, 8080, 8081, 9000),
    signs=((says(V1_MODELS, ("object",), "list", confidence=0.8),), (Sign(V1_MODELS, _locked, 0.5),)),
    read=_read,
    watch=(V1_MODELS,),
    alive=(says(V1_MODELS, ("object",), "list"),),
)
