"""The built-in engine as a model client: one question in, streamed words out."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path

from apps.inference.contracts import (
    Capability,
    ChatMessage,
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
from apps.inference.engine.builtin import words
from apps.inference.engine.builtin.abilities import answer_by_ability
from apps.inference.engine.builtin.library import library_at, terms
from apps.inference.engine.builtin.question import MAX_CONSIDERED, Answer, Question, plain_question
from apps.inference.errors import ProviderRefused

MODEL_NAME = "olympus-builtin"

# Only the last question is read, so a long conversation never has to be cut for this engine.
CONTEXT_LENGTH = 131_072

# A few words a piece, with the white space after them, so that the pieces joined are the answer.
_PIECE = re.compile(r"\s*(?:\S+\s*){1,3}")


class BuiltinClient:
    """A ModelClient that needs no model; it says so in each answer.

    `clock` gives the time with its zone. `docs_dir` is the folder of Markdown files that help searches,
    with README.md beside it; a process reads it once, at the first question that needs it.
    """

    def __init__(
        self, docs_dir: Path, clock: Callable[[], datetime], *, is_another_model_connected: bool = False
    ) -> None:
        self._library = library_at(docs_dir)
        self._clock = clock
        self._is_another_connected = is_another_model_connected

    async def stream(self, request: ChatRequest) -> AsyncIterator[ModelEvent]:
        """This will answer the last question in pieces of a few words.

        Raises:
            ProviderRefused: the answer was to follow a response schema.
        """
        if request.response_schema is not None:
            raise ProviderRefused(words.NO_SCHEMA)
        message = _last_question(request.messages)
        # In a thread: the first search reads files, the first conversion loads the units (0.4 s).
        text = await asyncio.to_thread(self._answer, message)
        for piece in _PIECE.finditer(text):
            yield TextDelta(piece[0], token_count=len(piece[0].split()))
        prompt_tokens = len(message.text[:MAX_CONSIDERED].split())
        yield Finished(FinishReason.STOP, Usage(prompt_tokens, completion_tokens=len(text.split())))

    async def embed(self, model: str, texts: Sequence[str]) -> Embeddings:
        """This will refuse: there is no embedding model inside.

        Raises:
            ProviderRefused: always.
        """
        raise ProviderRefused(words.NO_EMBEDDINGS)

    async def list_models(self) -> list[ModelInfo]:
        """This will list the one model there is."""
        capabilities = frozenset({Capability.CHAT})
        return [ModelInfo(MODEL_NAME, capabilities, context_length=CONTEXT_LENGTH, is_loaded=True)]

    def _answer(self, message: ChatMessage) -> str:
        question = Question(plain_question(message.text), self._clock(), self._library)
        notes = [words.CANNOT_SEE] if message.images else []
        if len(message.text) > MAX_CONSIDERED:
            notes.append(words.ONLY_THE_START)
        answer = answer_by_ability(question)
        return "\n\n".join([*self._said(answer, is_asked=bool(terms(question.text))), *notes])

    def _said(self, answer: Answer | None, *, is_asked: bool) -> list[str]:
        if answer and answer.is_computed:
            return [answer.text, words.NOT_A_MODEL_SHORT if self._is_another_connected else words.NO_MODEL_SHORT]
        honesty = words.NOT_A_MODEL if self._is_another_connected else words.NO_MODEL
        if answer:
            return [honesty, answer.text]
        return [honesty, *([words.NOTHING_FOUND] if is_asked else []), words.WITHOUT_A_MODEL]


def _last_question(messages: Sequence[ChatMessage]) -> ChatMessage:
    questions = (message for message in reversed(messages) if message.role is ChatRole.USER)
    return next(questions, ChatMessage(ChatRole.USER, ""))
