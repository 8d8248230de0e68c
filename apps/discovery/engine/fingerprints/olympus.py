"""Another Olympus, by the header that every one of its answers carries; which one it is, it says itself."""

from apps.discovery.contracts import ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, Sign
from apps.discovery.engine.listing import V1_MODELS, is_locked, openai_models
from apps.discovery.engine.wire import Answer, Answers, answer_to, short_text

HEADER = "x-olympus-instance"


def instance_in(answer: Answer) -> str:
    """This will return the id of the installation that answered, empty if it is no Olympus."""
    value = answer.headers.get(HEADER, "")
    is_id = len(value) == 24 and all(each in "0123456789abcdef" for each in value)
    return value if is_id else ""


def _header(answer: Answer) -> str:
    instance = instance_in(answer)
    return f"{HEADER.title()}: {instance}" if instance else ""


def _read(answers: Answers) -> Reading:
    return Reading(
        name=short_text(f"Olympus {instance_in(answer_to(answers, V1_MODELS))[:8]}"),
        models=openai_models(answers),
        needs_key=is_locked(answers, V1_MODELS),
        is_self_named=True,
    )


FINGERPRINT = Fingerprint(
    kind=ServiceKind.OLYMPUS,
    ports=(8000,),
    signs=((Sign(V1_MODELS, _header, 0.9),),),
    read=_read,
    watch=(V1_MODELS,),
    alive=(Sign(V1_MODELS, _header),),
)
