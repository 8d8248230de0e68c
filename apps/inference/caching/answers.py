"""An answer as it is kept, how one is written down while it streams, and how it is given again."""

from collections.abc import Iterator
from uuid import UUID

import msgspec

from apps.inference.contracts import (
    CallEvent,
    Finished,
    FinishReason,
    Routed,
    TextDelta,
    ThinkingDelta,
    TierName,
    Usage,
)

# Ten times a long answer; what is larger is rarely asked twice and would push a thousand others out.
MOST_CHARACTERS = 200_000
_KEPT_REASONS = frozenset({FinishReason.STOP, FinishReason.LENGTH})


class Part(msgspec.Struct, frozen=True, array_like=True):
    """A stretch of the answer or of the thinking before it."""

    is_thinking: bool
    text: str
    token_count: int


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """A whole answer and who gave it."""

    model: str
    provider_id: UUID | None
    provider_name: str
    parts: tuple[Part, ...]
    reason: FinishReason
    prompt_tokens: int | None = None
    completion_tokens: int = 0
    cached_tokens: int = 0

    @property
    def token_count(self) -> int:
        """How many tokens a model need not read and write again."""
        return (self.prompt_tokens or 0) + (self.completion_tokens or sum(part.token_count for part in self.parts))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Answer).decode


def packed(answer: Answer) -> bytes:
    """This will write an answer as bytes."""
    return _encode(answer)


def unpacked(content: bytes) -> Answer | None:
    """This will read an answer; None if another version of Olympus wrote it."""
    try:
        return _decode(content)
    except msgspec.MsgspecError:
        return None


def replay(answer: Answer, *, cache: str, reasons: tuple[str, ...], tier: TierName | None) -> Iterator[CallEvent]:
    """This will give an answer again as the events of a call, each stretch in one piece."""
    yield Routed(
        model=answer.model,
        provider_id=answer.provider_id,
        provider_name=answer.provider_name,
        reasons=reasons,
        tier=tier,
        cache=cache,
    )
    for part in answer.parts:
        yield (ThinkingDelta if part.is_thinking else TextDelta)(part.text, part.token_count)
    yield Finished(answer.reason, _usage(answer))


def _usage(answer: Answer) -> Usage | None:
    if answer.prompt_tokens is None:
        return None
    return Usage(answer.prompt_tokens, answer.completion_tokens, answer.cached_tokens)


class Recording:
    """Writes an answer down while it streams; `answer` is None as long as it is not one to keep."""

    def __init__(self) -> None:
        self._routed: Routed | None = None
        self._stretches: list[tuple[bool, list[str], int]] = []
        self._room = MOST_CHARACTERS
        self._is_fit = True
        self.answer: Answer | None = None

    def add(self, event: CallEvent) -> None:
        """This will take the next event of the call."""
        if not self._is_fit:
            return
        if isinstance(event, TextDelta | ThinkingDelta):
            self._add_text(event)
        elif isinstance(event, Finished):
            self._finish(event)
        elif isinstance(event, Routed) and self._routed is None:
            self._routed = event
        else:
            self._is_fit = False  # a tool's call, or another server went on: not one model's plain answer

    def _add_text(self, event: TextDelta | ThinkingDelta) -> None:
        self._room -= len(event.text)
        if self._room < 0:
            self._is_fit = False
            self._stretches.clear()
            return
        is_thinking = isinstance(event, ThinkingDelta)
        if not self._stretches or self._stretches[-1][0] is not is_thinking:
            self._stretches.append((is_thinking, [], 0))
        _, texts, count = self._stretches[-1]
        texts.append(event.text)
        self._stretches[-1] = (is_thinking, texts, count + event.token_count)

    def _finish(self, event: Finished) -> None:
        parts = tuple(Part(is_thinking, "".join(texts), count) for is_thinking, texts, count in self._stretches)
        has_text = any(not part.is_thinking and part.text for part in parts)
        if self._routed is None or self._routed.cache or event.reason not in _KEPT_REASONS or not has_text:
            return
        usage = event.usage
        self.answer = Answer(
            model=self._routed.model,
            provider_id=self._routed.provider_id,
            provider_name=self._routed.provider_name,
            parts=parts,
            reason=event.reason,
            prompt_tokens=usage.prompt_tokens if usage else None,
            completion_tokens=usage.completion_tokens if usage else 0,
            cached_tokens=usage.cached_tokens if usage else 0,
        )
