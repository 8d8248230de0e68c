"""Going on with an answer that broke off: what of the next server's words is new."""

from dataclasses import replace

from apps.inference.contracts import ModelEvent, TextDelta, ThinkingDelta, ToolCallRequested, Usage

# Between two parts of an answer, and between the thoughts of two servers.
BREAK = "\n\n"
# A server that repeats this much of the beginning starts over, whatever is said of it: no two places of a text
# are the same for so long by chance.
_EVIDENT = 64
# In a shorter text, or one that repeats its own beginning, what looks like starting over may be going on.
_TELLING = 2 * _EVIDENT


class Splice:
    """Takes the words of a server that was given the beginning of an answer, and gives back those that are new.

    One that `goes_on` was given `beginning_of(kept)` and writes on from there: its words are appended. Of one that
    starts over only what comes past the kept text counts, if it repeats that; else its words are a second part
    of the answer, and `is_break` is set before the first of them is given back. Words are held back
    while they may still turn out to be either.
    """

    def __init__(self, kept: str, *, goes_on: bool) -> None:
        self._kept = kept
        self._goes_on = goes_on
        self._expected = kept if not goes_on or _is_telling(kept) else _gap_of(kept)
        self._at = 0
        self.is_settled = not self._expected
        self.is_break = False

    def take(self, text: str) -> str:
        """This will give back what of the next words is new, '' while that cannot be told."""
        if self.is_settled:
            return text
        room = len(self._expected) - self._at
        if not self._expected.startswith(text[:room], self._at):
            return self._part(text)
        self._at += min(len(text), room)
        self.is_settled = self._at == len(self._expected)
        return text[room:]

    def end(self) -> str:
        """This will give back what was held back, now that no more words come."""
        return "" if self.is_settled or not self._at else self._part("")

    def _part(self, text: str) -> str:
        """The words do not repeat what was expected, from somewhere in `text` on."""
        said, shared = self._expected[: self._at] + text, self._at + _shared(self._expected[self._at :], text)
        gap = _gap_of(self._kept)
        is_looking = len(self._expected) > len(gap)
        if not self._goes_on or (is_looking and shared >= _EVIDENT):
            self.is_settled = self.is_break = True
            return said
        if is_looking and gap:
            self._expected, self._at = gap, 0
            return self.take(said) if said else ""
        self.is_settled = True
        return said if is_looking else text[shared - self._at :]


def beginning_of(kept: str) -> str:
    """This will give what a server that goes on is told of a kept text.

    White space at its end stays untold: some servers cut it off, and models write badly after it.
    """
    return kept.rstrip()


def _gap_of(kept: str) -> str:
    return kept[len(beginning_of(kept)) :]


def _is_telling(kept: str) -> bool:
    return len(kept) >= _TELLING and kept.find(kept[:_EVIDENT], 1) < 0


def _shared(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


class SoFar:
    """What a call has brought to its caller by now, from whichever servers."""

    def __init__(self, text: str = "") -> None:
        self._parts = [text] if text else []
        self.has_thinking = False
        self.has_tool_calls = False
        self.token_count = 0

    @property
    def text(self) -> str:
        """The answer so far."""
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    @property
    def has_output(self) -> bool:
        """Whether a person could have seen anything of it."""
        return bool(self._parts) or self.has_thinking or self.has_tool_calls

    def add(self, event: ModelEvent) -> None:
        """This will remember an event that was handed on."""
        if isinstance(event, TextDelta):
            self._parts.append(event.text)
            self.token_count += event.token_count
        elif isinstance(event, ThinkingDelta):
            self.has_thinking = True
            self.token_count += event.token_count
        elif isinstance(event, ToolCallRequested):
            self.has_tool_calls = True


class Part:
    """One server's share of an answer others began: its events, as far as they are new.

    Nothing comes out before it is known where its words belong; `is_break` is final with the first event.
    """

    def __init__(self, so_far: SoFar, *, goes_on: bool) -> None:
        self._splice = Splice(so_far.text, goes_on=goes_on)
        self._thinks_again = so_far.has_thinking
        self._held: list[ModelEvent] = []
        self._held_tokens = 0
        self._has_text = False

    @property
    def is_break(self) -> bool:
        """Whether its words are a second part."""
        return self._splice.is_break

    def take(self, event: ModelEvent) -> list[ModelEvent]:
        """This will give the events that may go on to the caller now that this one came; its last is Finished."""
        if isinstance(event, TextDelta):
            return self._take_text(event)
        if isinstance(event, ThinkingDelta):
            if self._thinks_again:
                event, self._thinks_again = replace(event, text=BREAK + event.text), False
            if not self._splice.is_settled:
                self._held.append(event)
                return []
            return [event]
        return [*self._end(), event]

    def _take_text(self, event: TextDelta) -> list[ModelEvent]:
        fresh = self._splice.take(event.text)
        if not fresh:
            self._held_tokens += event.token_count
            return self._release() if self._splice.is_settled else []
        return [*self._release(), self._text(event, fresh)]

    def _text(self, event: TextDelta, fresh: str) -> TextDelta:
        is_whole = fresh == event.text
        tokens = event.token_count + (self._held_tokens if self.is_break else 0)
        self._held_tokens = 0
        if self.is_break and not self._has_text:
            fresh = BREAK + fresh
        self._has_text = True
        return event if is_whole and fresh == event.text else TextDelta(fresh, tokens)

    def _end(self) -> list[ModelEvent]:
        rest = self._splice.end()
        if not rest:
            return self._release()
        return [*self._release(), self._text(TextDelta("", 0), rest)]

    def _release(self) -> list[ModelEvent]:
        held, self._held = self._held, []
        return held


def added_up(usage: Usage | None, *, begun: int, counted: int, goes_on: bool) -> Usage | None:
    """This will add to the last server's usage what `begun` servers before it read and wrote.

    Those that broke off told nothing: `counted` tokens came from them, and each read the same prompt.
    One that went on read what was written before it as well.
    """
    if usage is None or not begun:
        return usage
    prompt = max(usage.prompt_tokens - counted, 0) if goes_on else usage.prompt_tokens
    return Usage(usage.prompt_tokens + begun * prompt, usage.completion_tokens + counted, usage.cached_tokens)
