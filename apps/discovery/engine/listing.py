"""Reading models out of the lists that servers give."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apps.discovery.contracts import FoundModel
from apps.discovery.engine.wire import Answer, Answers, Probe, count_of, get, short_text

V1_MODELS = get("/v1/models")
# A page shows no more, and no server on a desk has more.
MOST_MODELS = 500
# The longest context any model claims today is ten million tokens.
_LONGEST_CONTEXT = 10**9

CHAT, TOOLS, VISION, THINKING, EMBEDDINGS = "chat", "tools", "vision", "thinking", "embeddings"
IMAGES, TRANSCRIPTION, SPEECH = "images", "transcription", "speech"


def rows_at(answer: Answer, key: str) -> Sequence[Mapping[str, Any]]:
    """This will return the objects of a list in a good answer, at most as many as are kept."""
    rows: list[Any] = items(answer.at(key)) if answer.status == 200 else []
    return [row for row in rows if isinstance(row, dict)][:MOST_MODELS]


def items(value: Any) -> list[Any]:
    """This will return the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def fields(value: Any) -> Mapping[str, Any]:
    """This will return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def context_of(value: Any) -> int | None:
    """This will return a context length in tokens, None if it is none."""
    return count_of(value, _LONGEST_CONTEXT)


def named(models: Iterable[FoundModel]) -> tuple[FoundModel, ...]:
    """This will drop models without a name and those named twice."""
    return tuple({model.name: model for model in models if model.name}.values())


def openai_models(
    answers: Answers,
    probe: Probe = V1_MODELS,
    *,
    context: str = "max_model_len",
    is_loaded: bool | None = None,
    capabilities: frozenset[str] = frozenset(),
) -> tuple[FoundModel, ...]:
    """This will read a list in OpenAI's form; `context` is the key of the context length."""
    return named(
        FoundModel(
            name=short_text(row.get("id")),
            context_length=context_of(row.get(context)),
            is_loaded=is_loaded,
            capabilities=capabilities,
        )
        for row in rows_at(answers.get(probe.name, Answer()), "data")
    )


def is_locked(answers: Answers, *probes: Probe) -> bool:
    """This will tell whether any of the requests was turned away for want of a key."""
    return any(answers[probe.name].status in {401, 403} for probe in probes if probe.name in answers)


def shared(models: Iterable[FoundModel]) -> frozenset[str]:
    """This will join what the models can do."""
    return frozenset().union(*(model.capabilities for model in models))
