"""Puts the pieces of one network read together, so that cost follows reads and not tokens."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from apps.inference.contracts import ModelEvent, TextDelta, ThinkingDelta
from olympus.kernel.text import clean_text

_SURROGATE = re.compile("[\ud800-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class TextJoiner:
    """Makes storable text of pieces; a character split between two of them comes out whole.

    JSON writes characters past U+FFFF as two escapes, and some servers send each half in a
    piece of its own: the first half is held back until the second arrives.
    """

    def __init__(self) -> None:
        self._held = ""

    def join(self, text: str) -> str:
        """This will return the text as far as it is certain, NUL and lone halves as U+FFFD."""
        if self._held:
            text, self._held = self._held + text, ""
        if text.isascii() or not _SURROGATE.search(text):
            return clean_text(text)
        text = _PAIR.sub(_whole, text)
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        return clean_text(text)

    def end(self) -> str:
        """This will return what is still held back, now that no other half can come."""
        held, self._held = self._held, ""
        return clean_text(held)


def _whole(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")


Delta = type[TextDelta] | type[ThinkingDelta]


class DeltaMerger:
    """Collects what one read brought; neighbors of one kind become one event."""

    def __init__(self) -> None:
        self._joiners: dict[Delta, TextJoiner] = {TextDelta: TextJoiner(), ThinkingDelta: TextJoiner()}
        self._kind: Delta = TextDelta
        self._pieces: list[str] = []
        self._events: list[ModelEvent] = []
        self._logprobs: list[Mapping[str, Any]] = []

    def add_logprobs(self, logprobs: Sequence[Mapping[str, Any]]) -> None:
        """This will append how likely the tokens of the answer's text were; they go out with it."""
        self._logprobs += logprobs

    def add(self, kind: Delta, text: str) -> None:
        """This will append one token's text."""
        if kind is not self._kind:
            self._close_delta()
            self._kind = kind
        self._pieces.append(text)

    def event(self, event: ModelEvent) -> None:
        """This will append an event that is not text, in order."""
        self._close_delta()
        self._events.append(event)

    def take(self) -> list[ModelEvent]:
        """This will hand over what was collected since the last call."""
        self._close_delta()
        events, self._events = self._events, []
        return events

    def end(self) -> None:
        """This will give up waiting for second halves: the answer is complete."""
        self._close_delta()
        for kind, joiner in self._joiners.items():
            if held := joiner.end():
                self._events.append(kind(held, 0))

    def _close_delta(self) -> None:
        if not self._pieces:
            return
        text = self._joiners[self._kind].join("".join(self._pieces))
        if self._logprobs and self._kind is TextDelta:
            self._events.append(TextDelta(text, len(self._pieces), tuple(self._logprobs)))
            self._logprobs.clear()
        elif text:
            self._events.append(self._kind(text, len(self._pieces)))
        self._pieces.clear()
