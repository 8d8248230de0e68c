"""What of a conversation counts as said, and what it is called."""

from dataclasses import dataclass

from apps.chat.engine.context import said_of, title_from


def test_a_title_is_the_first_words() -> None:
    assert title_from("  What is\n the time? ") == "What is the time?"
    assert title_from("word " * 100).endswith("…")
    assert len(title_from("x" * 500)) <= 61
    assert title_from("   ") == "New conversation"


@dataclass
class _Row:
    role: str
    text: str
    state: str = "complete"
    model: str = "fake"


def test_a_withdrawn_message_and_an_answer_that_never_came_are_left_out() -> None:
    newest_first = [
        _Row("user", "Now"),
        _Row("assistant", "", "cancelled", ""),
        _Row("user", "Withdrawn"),
        _Row("assistant", "", "error"),
        _Row("user", "Failed"),
        _Row("assistant", "Yes"),
        _Row("user", "First"),
    ]

    assert [row.text for row in said_of(newest_first)] == ["Now", "Failed", "Yes", "First"]
