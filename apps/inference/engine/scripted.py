"""A model that plays a script: for tests, demonstrations and trying the page without a model server."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from apps.inference.contracts import (
    Capability,
    ChatRequest,
    ChatRole,
    Embeddings,
    Finished,
    FinishReason,
    ModelEvent,
    ModelInfo,
    TextDelta,
    Usage,
)
from apps.inference.errors import ModelError

_ABILITIES = frozenset(
    {Capability.CHAT, Capability.TOOLS, Capability.VISION, Capability.THINKING, Capability.EMBEDDINGS}
)
_DEMO = (
    "This is a **scripted** answer: no model wrote it.\n\n"
    "It comes in pieces, as a model's would, so that you can see *streaming*, `code`, and a list:\n\n"
    "1. one\n2. two 🏛️\n3. three\n"
)


@dataclass(frozen=True, slots=True)
class Pause:
    """The model says nothing for a while."""

    seconds: float


Step = ModelEvent | Pause | ModelError


def saying(text: str, *, tokens_per_s: float | None = None) -> list[Step]:
    """This will script an answer of `text`, a word a token, that finishes as it should."""
    words = text.split(" ")
    pieces = [*(word + " " for word in words[:-1]), words[-1]]
    steps: list[Step] = []
    for piece in pieces:
        if tokens_per_s:
            steps.append(Pause(1 / tokens_per_s))
        steps.append(TextDelta(piece))
    return [*steps, Finished(FinishReason.STOP, Usage(0, len(pieces)))]


class ScriptedModel:
    """A ModelClient that plays its scripts in turn, the last one again and again.

    An error in a script is raised where it stands. `requests` holds what was asked;
    `closed_count` counts streams that were closed before their script's end.
    """

    def __init__(self, *scripts: Sequence[Step]) -> None:
        self._scripts = list(scripts)
        self.requests: list[ChatRequest] = []
        self.closed_count = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ModelEvent, None]:
        """This will play the next script."""
        script = self._script_for(request)
        self.requests.append(request)
        is_played = False
        try:
            for step in script:
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                elif isinstance(step, ModelError):
                    is_played = True
                    raise step
                else:
                    yield step
            is_played = True
        finally:
            self.closed_count += not is_played

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        """This will embed each text as its length and its number of words."""
        return Embeddings(model, tuple((float(len(text)), float(len(text.split()))) for text in texts))

    async def list_models(self) -> list[ModelInfo]:
        """This will list `demo`, which plays a fixed answer, and `echo`, which says what it was told."""
        return [ModelInfo(name, _ABILITIES, 8192) for name in ("demo", "echo")]

    def _script_for(self, request: ChatRequest) -> Sequence[Step]:
        if self._scripts:
            return self._scripts[min(len(self.requests), len(self._scripts) - 1)]
        if request.model == "echo":
            said = [message.text for message in request.messages if message.role is ChatRole.USER]
            return saying(said[-1] if said else "", tokens_per_s=50)
        return saying(_DEMO, tokens_per_s=30)
