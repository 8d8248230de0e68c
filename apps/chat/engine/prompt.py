"""The prompt of a turn: which parts it has, in which order, and what of each fits the model's context window."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from apps.chat.engine.fencing import Block, Document, blocks_within, cost_of, cut_to, with_note
from apps.inference.contracts import ChatMessage, ChatRole, Image

CountTokens = Callable[[str], int]

# What a chat template adds around each message, in tokens; the largest in common use add about six.
_MESSAGE_OVERHEAD = 6
# An image costs a model between 260 and 1,600 tokens; the middle keeps the estimate on the safe side.
_IMAGE_TOKENS = 1000
# The share of the window kept free for the answer when no limit was asked for.
_ANSWER_SHARE = 0.25
# Budgets are shares of what the parts before left over, so what one does not need flows on. The question always
# goes whole. The system prompt and a project's instructions say how to answer and are long only by accident. Files of
# the question were added for it; files of the project wait behind them; the history needs room for "as I said".
_WORDS_SHARE = 0.5
_ATTACHMENTS_SHARE = 0.6
_FILES_SHARE = 0.5
# Instructions hold even when the question fills the window by itself.
_LEAST_WORDS_SHARE = 0.125
# Files of an older message may take this much of what the history has left: newer words matter more.
_OLDER_FILES_SHARE = 0.5


class PartKind(StrEnum):
    """The parts of a prompt, in their order."""

    SYSTEM = "system"
    PROJECT = "project"
    FILE = "file"
    HISTORY = "history"
    ATTACHMENTS = "attachments"


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the conversation with its files; `image_names` are of `images`, in their order."""

    role: ChatRole
    text: str
    documents: tuple[Document, ...] = ()
    images: tuple[Image, ...] = ()
    image_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ingredients:
    """All that may go into a prompt. `history` is newest first and read no further than it fits.

    With `has_question` the first of the history is the message to answer.
    """

    history: Iterable[Said]
    system: str = ""
    project_name: str = ""
    instructions: str = ""
    files: tuple[Document, ...] = ()
    has_question: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of a prompt came to; `text` is what the model reads of it (the history's is in the messages)."""

    kind: PartKind
    label: str
    token_count: int
    text: str = ""
    message_count: int | None = None
    is_cut: bool = False

    def as_data(self) -> dict[str, Any]:
        """This will give the part's entry in a report, without its text."""
        data = {"kind": self.kind.value, "label": self.label, "token_count": self.token_count, "is_cut": self.is_cut}
        return data if self.message_count is None else {**data, "message_count": self.message_count}


@dataclass(frozen=True, slots=True)
class BuiltPrompt:
    """A prompt as it is sent, and what went in; `taken_count` messages of the history did."""

    messages: tuple[ChatMessage, ...]
    taken_count: int
    context_length: int
    reserved_for_answer: int
    parts: tuple[Part, ...]

    def report(self, model: str, left_out_count: int) -> dict[str, Any]:
        """This will tell what the prompt holds, and how much of the window that is."""
        return {
            "model": model,
            "context_length": self.context_length,
            "used": sum(part.token_count for part in self.parts),
            "reserved_for_answer": self.reserved_for_answer,
            "parts": [part.as_data() for part in self.parts],
            "left_out_count": left_out_count,
        }


def build_prompt(
    given: Ingredients, *, context_length: int, max_tokens: int | None, count_tokens: CountTokens
) -> BuiltPrompt:
    """This will put together what fits: the question always, the rest by budget, of the history the newest.

    System prompt, instructions and project files are one system message, since many models
    know one only. The kept history begins with a person's message, as models expect.
    """
    wanted = max_tokens if max_tokens is not None else int(context_length * _ANSWER_SHARE)
    reserved = min(wanted, context_length // 2)
    history = iter(given.history)
    question = next(history, None) if given.has_question else None
    left = context_length - reserved - (_words_cost(question, count_tokens) if question else 0)
    words = _words(given, left, int(context_length * _LEAST_WORDS_SHARE), count_tokens)
    left -= sum(part.token_count for part in words)
    attached = _grant(question.documents if question else (), left, _ATTACHMENTS_SHARE, count_tokens)
    files = _grant(given.files, left - attached.tokens, _FILES_SHARE, count_tokens)
    older, spare = _older_that_fit(history, left - attached.tokens - files.tokens, count_tokens)
    attached, spare = attached.topped_up(spare)
    files, _spare = files.topped_up(spare)
    file_blocks = blocks_within(files.documents, files.tokens, count_tokens)
    asked = _asked(question, blocks_within(attached.documents, attached.tokens, count_tokens), count_tokens)
    system = _system_message(words, file_blocks)
    parts = (
        *words,
        *(_block_part(PartKind.FILE, block) for block in file_blocks),
        _history_part([*asked.spoken, *older]),
        *asked.parts,
    )
    messages = (*system, *(kept.message for kept in reversed(older)), *(kept.message for kept in asked.spoken))
    return BuiltPrompt(messages, len(older) + len(asked.spoken), context_length, reserved, parts)


@dataclass(frozen=True, slots=True)
class _Kept:
    message: ChatMessage
    token_count: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question as it is sent, none or one, and the parts its files are."""

    spoken: tuple[_Kept, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class _Grant:
    """Room for files: what they have, and what they would take uncut."""

    documents: Sequence[Document]
    need: int
    tokens: int

    def topped_up(self, spare: int) -> tuple["_Grant", int]:
        """Give what is missing out of what others left over; the rest is returned."""
        more = max(0, min(self.need - self.tokens, spare))
        return replace(self, tokens=self.tokens + more), spare - more


def _grant(documents: Sequence[Document], left: int, share: float, count_tokens: CountTokens) -> _Grant:
    need = cost_of(documents, count_tokens)
    return _Grant(documents, need, min(need, max(0, int(left * share))))


def _words(given: Ingredients, left: int, least: int, count_tokens: CountTokens) -> list[Part]:
    """The system prompt and the project's instructions, each cut at its budget."""
    instructions = f"# Project: {given.project_name}\n\n{given.instructions}" if given.instructions else ""
    parts = []
    for kind, label, text in (
        (PartKind.SYSTEM, "", given.system),
        (PartKind.PROJECT, given.project_name, instructions),
    ):
        if not text:
            continue
        kept, gone = cut_to(text, max(least, int(left * _WORDS_SHARE)), count_tokens)
        cost = count_tokens(kept) + _MESSAGE_OVERHEAD
        parts.append(Part(kind, label, cost, with_note(kept, gone), is_cut=bool(gone)))
        left -= cost
    return parts


def _older_that_fit(history: Iterator[Said], left: int, count_tokens: CountTokens) -> tuple[list[_Kept], int]:
    """The messages before the question, newest first, as far as there is room; and the room that is left."""
    kept: list[_Kept] = []
    for said in history:
        cost = _words_cost(said, count_tokens)
        if cost > left:
            break
        room = int((left - cost) * _OLDER_FILES_SHARE) if said.documents else 0
        blocks = blocks_within(said.documents, room, count_tokens)
        cost += sum(block.token_count for block in blocks)
        kept.append(_Kept(_message(said, blocks), cost))
        left -= cost
    while kept and kept[-1].message.role is not ChatRole.USER:
        left += kept.pop().token_count
    return kept, left


def _asked(question: Said | None, blocks: Sequence[Block], count_tokens: CountTokens) -> _Asked:
    if question is None:
        return _Asked()
    names = (*question.image_names, *[""] * len(question.images))[: len(question.images)]
    images = [Part(PartKind.ATTACHMENTS, name, _IMAGE_TOKENS) for name in names]
    words = _words_cost(question, count_tokens) - _IMAGE_TOKENS * len(images)
    parts = (*(_block_part(PartKind.ATTACHMENTS, block) for block in blocks), *images)
    return _Asked((_Kept(_message(question, blocks), words),), parts)


def _message(said: Said, blocks: Sequence[Block]) -> ChatMessage:
    files = [block.text or f"[The file {block.name} did not fit and was left out.]" for block in blocks]
    return ChatMessage(said.role, "\n\n".join([*files, said.text] if said.text else files), said.images)


def _system_message(words: Sequence[Part], files: Sequence[Block]) -> list[ChatMessage]:
    shown = [block.text for block in files if block.text]
    heading = ["# Files of the project"] if shown else []
    text = "\n\n".join([*(part.text for part in words), *heading, *shown])
    return [ChatMessage(ChatRole.SYSTEM, text)] if text else []


def _block_part(kind: PartKind, block: Block) -> Part:
    return Part(kind, block.name, block.token_count, block.text, is_cut=block.is_cut)


def _history_part(kept: Sequence[_Kept]) -> Part:
    count = sum(one.token_count for one in kept)
    return Part(PartKind.HISTORY, "", count, message_count=len(kept))


def _words_cost(said: Said, count_tokens: CountTokens) -> int:
    return count_tokens(said.text) + _IMAGE_TOKENS * len(said.images) + _MESSAGE_OVERHEAD
