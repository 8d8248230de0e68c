"""Which words of the next server are new, wherever the answer broke off."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.inference.contracts import (
    Finished,
    FinishReason,
    ModelEvent,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolCallRequested,
    Usage,
)
from apps.inference.engine.continuing import BREAK, Part, SoFar, Splice, added_up, beginning_of

LONG = "On the mountain live the twelve, and each of them has a house that Hephaistos built with great care. " * 1
STORY = LONG + "Below it the rivers run to the sea, past vineyards and threshing floors, and nobody looks up. 🏛️"
texts = st.text(max_size=100)
cuts = st.lists(st.integers(0, 400), max_size=12)


def pieces_of(text: str, at: Sequence[int]) -> list[str]:
    edges = [0, *sorted({place for place in at if 0 < place < len(text)}), len(text)]
    return [text[a:b] for a, b in pairwise(edges) if a < b]


def spliced(kept: str, pieces: Sequence[str], *, goes_on: bool) -> tuple[str, bool]:
    splice = Splice(kept, goes_on=goes_on)
    fresh = "".join(splice.take(piece) for piece in pieces) + splice.end()
    return fresh, splice.is_break


@given(texts, st.data(), cuts)
def test_with_a_server_that_goes_on_the_whole_is_the_text(text: str, data: st.DataObject, at: list[int]) -> None:
    kept = text[: data.draw(st.integers(0, len(text)))]

    fresh, is_break = spliced(kept, pieces_of(text[len(beginning_of(kept)) :], at), goes_on=True)

    assert kept + fresh == text
    assert not is_break


@given(texts, st.data(), cuts)
def test_with_a_server_that_repeats_the_text_the_whole_is_the_text(
    text: str, data: st.DataObject, at: list[int]
) -> None:
    kept = text[: data.draw(st.integers(0, len(text)))]

    fresh, is_break = spliced(kept, pieces_of(text, at), goes_on=False)

    assert kept + fresh == text
    assert not is_break


@given(texts, texts, cuts)
def test_a_server_that_says_something_else_begins_a_second_part_and_loses_no_word(
    kept: str, other: str, at: list[int]
) -> None:
    fresh, is_break = spliced(kept, pieces_of(other, at), goes_on=False)

    assert is_break == (bool(other) and not other.startswith(kept))
    assert fresh == (other if is_break else other[len(kept) :])


@pytest.mark.parametrize("cut", range(130, len(STORY), 7))
def test_a_server_said_to_go_on_that_repeats_the_text_after_all_doubles_nothing(cut: int) -> None:
    fresh, is_break = spliced(STORY[:cut], pieces_of(STORY, range(0, 500, 9)), goes_on=True)

    assert (STORY[:cut] + fresh, is_break) == (STORY, False)


def test_one_said_to_go_on_that_repeats_much_and_then_strays_begins_a_second_part() -> None:
    other = STORY[:90] + "something else"

    assert spliced(STORY[:150], [other], goes_on=True) == (other, True)


def test_one_that_goes_on_with_a_text_that_repeats_itself_is_believed() -> None:
    assert spliced("ha " * 60, ["ha " * 30], goes_on=True) == ("ha " * 30, False)


def test_of_the_space_before_the_break_nothing_is_doubled_and_nothing_lost() -> None:
    assert spliced("one\n\n", ["\n", "\n- two"], goes_on=True)[0] == "- two"
    assert spliced("one\n\n", ["\n", "- two"], goes_on=True)[0] == "- two"
    assert spliced("one ", ["two"], goes_on=True)[0] == "two"


def played(so_far: SoFar, events: Sequence[ModelEvent], *, goes_on: bool) -> tuple[Part, list[ModelEvent]]:
    part = Part(so_far, goes_on=goes_on)
    return part, [news for event in events for news in part.take(event)]


END = Finished(FinishReason.STOP)


def test_a_second_part_stands_apart() -> None:
    part, news = played(SoFar("Zeus lives"), [TextDelta("Zeus"), TextDelta(" sleeps", 2), END], goes_on=False)

    assert part.is_break
    assert news == [TextDelta(BREAK + "Zeus sleeps", 3), END]


def test_an_answer_that_ends_inside_what_was_there_is_a_second_part_too() -> None:
    _, news = played(SoFar("Yes. And"), [TextDelta("Yes."), END], goes_on=False)

    assert news == [TextDelta(BREAK + "Yes.", 1), END]


def test_thoughts_wait_until_it_is_known_where_the_words_belong() -> None:
    so_far = SoFar()
    so_far.add(ThinkingDelta("hm"))
    so_far.add(TextDelta("Zeus"))

    part = Part(so_far, goes_on=False)

    assert part.take(ThinkingDelta("again")) == []
    assert part.take(TextDelta("Ze")) == []
    assert part.take(TextDelta("us!")) == [ThinkingDelta(BREAK + "again"), TextDelta("!", 1)]


def test_who_was_cut_off_while_thinking_is_followed_by_one_who_begins_again() -> None:
    so_far = SoFar()
    so_far.add(ThinkingDelta("hm"))

    part, news = played(so_far, [ThinkingDelta("so"), ThinkingDelta(" be it"), TextDelta("Yes"), END], goes_on=False)

    assert news == [ThinkingDelta(BREAK + "so"), ThinkingDelta(" be it"), TextDelta("Yes"), END]
    assert not part.is_break


def test_a_tool_call_comes_behind_the_words_before_it() -> None:
    call = ToolCallRequested(ToolCall("1", "search", {}))

    _, news = played(SoFar("Let me "), [TextDelta("Let"), call, END], goes_on=False)

    assert news == [TextDelta(BREAK + "Let", 1), call, END]


@given(texts, st.data(), cuts, cuts)
def test_events_splice_as_texts_do(text: str, data: st.DataObject, at: list[int], before: list[int]) -> None:
    kept = text[: data.draw(st.integers(0, len(text)))]
    so_far = SoFar()
    for piece in pieces_of(kept, before):
        so_far.add(TextDelta(piece))
    events = [TextDelta(piece) for piece in pieces_of(text, at)]

    _, news = played(so_far, [*events, END], goes_on=False)
    for event in news:
        so_far.add(event)

    assert so_far.text == text
    assert news[-1] == END


def test_what_all_of_them_used_is_added_up() -> None:
    last = Usage(30, 20)

    assert added_up(last, begun=0, counted=0, goes_on=False) is last
    assert added_up(last, begun=1, counted=10, goes_on=True) == Usage(50, 30)
    assert added_up(last, begun=2, counted=10, goes_on=False) == Usage(90, 30)
    assert added_up(None, begun=1, counted=10, goes_on=True) is None
