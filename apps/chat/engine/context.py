"""Fitting a conversation into a model's context window."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from apps.inference.contracts import ChatMessage, ChatRole

# What a chat template adds around each message, in tokens; the largest in common use add about six.
_MESSAGE_OVERHEAD = 6
# An image costs a model between 260 and 1,600 tokens; the middle keeps the estimate on the safe side.
_IMAGE_TOKENS = 1000
# The share of the window kept free for the answer when no limit was asked for.
_ANSWER_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class FittedContext:
    """Messages oldest first, and how many older ones were left out."""

    messages: tuple[ChatMessage, ...]
    taken_count: int


def fit_context(
    newest_first: Iterable[ChatMessage],
    *,
    system: str | None,
    context_length: int,
    max_tokens: int | None,
    count_tokens: Callable[[str], int],
) -> FittedContext:
    """This will keep the system prompt and the newest messages that fit, always at least the newest.

    Lazy in `newest_first`: what does not fit is not read. The kept part begins with a
    person's message, as models expect.
    """
    reserve = max_tokens if max_tokens is not None else int(context_length * _ANSWER_SHARE)
    budget = context_length - min(reserve, context_length // 2)
    if system:
        budget -= count_tokens(system) + _MESSAGE_OVERHEAD
    kept: list[ChatMessage] = []
    for message in newest_first:
        budget -= _cost(message, count_tokens)
        if budget < 0 and kept:
            break
        kept.append(message)
    while len(kept) > 1 and kept[-1].role is not ChatRole.USER:
        kept.pop()
    prompt = [ChatMessage(ChatRole.SYSTEM, system)] if system else []
    return FittedContext((*prompt, *reversed(kept)), len(kept))


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


def _cost(message: ChatMessage, count_tokens: Callable[[str], int]) -> int:
    return count_tokens(message.text) + _IMAGE_TOKENS * len(message.images) + _MESSAGE_OVERHEAD


def title_from(text: str) -> str:
    """This will make a title of the first words, at most 60 characters, on one line."""
    words = " ".join(text.split())
    if len(words) <= 60:
        return words or "New conversation"
    cut = words[:60]
    head, _, _ = cut.rpartition(" ")
    return (head if len(head) > 30 else cut).rstrip(" ,.;:") + "…"
