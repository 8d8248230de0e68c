"""What of a conversation goes to the model."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.chat.engine.context import fit_context, said_of, title_from
from apps.inference.contracts import ChatMessage, ChatRole


def _count(text: str) -> int:
    return len(text.split())


def _alternating(count: int) -> list[ChatMessage]:
    roles = (ChatRole.USER, ChatRole.ASSISTANT)
    return [ChatMessage(roles[i % 2], f"message {i} " + "word " * 18) for i in range(count)]


def test_all_of_a_short_conversation_goes_along_oldest_first() -> None:
    messages = _alternating(3)

    fitted = fit_context(
        reversed(messages), system="Be brief.", context_length=4096, max_tokens=None, count_tokens=_count
    )

    assert fitted.messages[0] == ChatMessage(ChatRole.SYSTEM, "Be brief.")
    assert list(fitted.messages[1:]) == messages
    assert fitted.taken_count == 3


def test_the_newest_are_kept_and_the_kept_part_begins_with_a_person() -> None:
    messages = _alternating(41)

    fitted = fit_context(reversed(messages), system=None, context_length=300, max_tokens=100, count_tokens=_count)

    assert fitted.messages[-1] == messages[-1]
    assert fitted.messages[0].role is ChatRole.USER
    assert 1 < fitted.taken_count < 41


def test_a_message_longer_than_the_window_is_sent_alone() -> None:
    long = ChatMessage(ChatRole.USER, "word " * 10_000)

    fitted = fit_context([long], system=None, context_length=100, max_tokens=None, count_tokens=_count)

    assert fitted.messages == (long,)


def test_what_does_not_fit_is_not_even_read() -> None:
    read = 0

    def endless() -> Iterator[ChatMessage]:
        nonlocal read
        while True:
            read += 1
            yield ChatMessage(ChatRole.USER, "word " * 50)

    fit_context(endless(), system=None, context_length=1000, max_tokens=None, count_tokens=_count)

    assert read < 30


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
