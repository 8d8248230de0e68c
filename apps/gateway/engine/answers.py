"""A model's whole answer, put together from its events."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from apps.inference.contracts import (
    CallEvent,
    Finished,
    FinishReason,
    Switched,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolCallRequested,
    Usage,
)


class Used:
    """What a call used, while its events go by."""

    def __init__(self) -> None:
        self.reason = FinishReason.STOP
        self.token_count = 0
        self.thought_count = 0
        self._usage: Usage | None = None

    def add(self, event: CallEvent) -> None:
        """This will take one event."""
        if isinstance(event, TextDelta | ThinkingDelta):
            self.token_count += event.token_count
            if isinstance(event, ThinkingDelta):
                self.thought_count += event.token_count
        elif isinstance(event, Finished):
            self.reason, self._usage = event.reason, event.usage

    def usage(self, prompt_tokens: Callable[[], int]) -> Usage:
        """This will tell what was used: as the server counted, else as it was seen, with this estimate of the prompt."""
        return self._usage or Usage(prompt_tokens(), self.token_count)


class Answer(Used):
    """Takes events and keeps what they add up to."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self.calls: list[ToolCall] = []
        self.logprobs: list[Mapping[str, Any]] = []

    def add(self, event: CallEvent) -> None:
        """This will take one event; when another server began anew, what came before it does not count."""
        super().add(event)
        if isinstance(event, TextDelta):
            self._texts.append(event.text)
            self.logprobs += event.logprobs
        elif isinstance(event, ThinkingDelta):
            self._thoughts.append(event.text)
        elif isinstance(event, ToolCallRequested):
            self.calls.append(event.call)
        elif isinstance(event, Switched) and event.is_break:
            for kept in (self._texts, self._thoughts, self.calls, self.logprobs):
                kept.clear()

    @property
    def text(self) -> str:
        """The answer."""
        return "".join(self._texts)

    @property
    def thought(self) -> str:
        """The reasoning before it."""
        return "".join(self._thoughts)


def usage_of(calls: Sequence[Used], prompt_tokens: Callable[[], int]) -> Usage:
    """This will add up what the choices of one request used; their prompt counts once, as OpenAI counts it."""
    used = [call.usage(prompt_tokens) for call in calls]
    return Usage(used[0].prompt_tokens, sum(each.completion_tokens for each in used), used[0].cached_tokens)
