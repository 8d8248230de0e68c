"""What of a conversation counts as said, and what it is called."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar


class Said(Protocol):
    """A message as far as it matters here; an answer that never began has no model."""

    role: str
    text: str
    state: str
    model: str


S = TypeVar("S", bound=Said)


def said_of(newest_first: Iterable[S]) -> Iterator[S]:
    """This will leave out answers that never came, and what was withdrawn together with its question."""
    is_question_withdrawn = False
    for message in newest_first:
        if message.role != "user":
            is_question_withdrawn = is_withdrawn(message.state, message.model, message.text)
            if message.text:
                yield message
        elif not is_question_withdrawn:
            yield message


def is_withdrawn(state: str, model: str, text: str) -> bool:
    """This will tell whether an answer was stopped while it still waited for its turn."""
    return state == "cancelled" and not model and not text


def title_from(text: str) -> str:
    """This will make a title of the first words, at most 60 characters, on one line."""
    words = " ".join(text.split())
    if len(words) <= 60:
        return words or "New conversation"
    cut = words[:60]
    head, _, _ = cut.rpartition(" ")
    return (head if len(head) > 30 else cut).rstrip(" ,.;:") + "…"
