"""What the cache reads of a request takes no longer for text made to take long."""

from time import perf_counter

import pytest

from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole
from apps.inference.engine.cache_keys import question_of, request_digest, tidy

# The longest text a request is digested for; quadratic work on it takes minutes.
_LONGEST = 400_000
_SOON_S = 3.0


def asking(text: str) -> ChatRequest:
    return ChatRequest("m", (ChatMessage(ChatRole.USER, text),))


@pytest.mark.parametrize(
    "text",
    [
        "a \nb" + " " * (_LONGEST - 10) + "c",
        "a\rb" + "\t" * (_LONGEST - 10) + "c",
        "a" + "\u0301\u0327" * (_LONGEST // 2 - 1),
        "a" * _LONGEST,
        "n'" * (_LONGEST // 2),
    ],
    ids=["spaces", "tabs", "marks", "one word", "apostrophes"],
)
def test_no_text_holds_the_loop_up(text: str) -> None:
    begun = perf_counter()

    request_digest(asking(text), "me")
    question_of(asking(text), "me")

    assert perf_counter() - begun < _SOON_S


def test_ends_of_lines_are_compared_without_their_spaces() -> None:
    assert tidy("a  \r\n  b \t\n\n c\rd") == "a\n  b\n\n c\nd"
    assert tidy("a  b \n c") == "a  b\n c"
