"""How hard a question is: signals that can be told to a person, and the tier they add up to."""

import re
from dataclasses import dataclass
from enum import StrEnum

from apps.inference.contracts import TierName
from apps.inference.engine import complexity_words as words

# A person says what is wanted at the beginning or the end, around what was pasted; this much is read in half a
# millisecond, however long the text is.
_HEAD_CHARS = 3000
_TAIL_CHARS = 1500
# English and code are about four characters a token; scripts without spaces about one.
_CHARACTERS_A_TOKEN = 4
# Points: up to 2 nothing asks for more than a quick model; from 6 on several things do.
_MOST_FOR_FAST = 2
_LEAST_FOR_POWERFUL = 6

# (at least so many, points): the last that fits counts.
_LENGTH_STEPS = ((60, 1), (250, 2), (1_000, 3), (4_000, 4))
_CONVERSATION_STEPS = ((4_000, 1), (12_000, 2), (32_000, 3))
_QUESTION_STEPS = ((3, 1), (6, 2))
_CONSTRAINT_STEPS = ((3, 1), (6, 2))
_REASONING_STEPS = ((1, 1), (2, 2), (4, 3))
_HARD_STEPS = ((1, 3), (3, 4))
_CODE_STEPS = ((2, 3), (5, 4))
_MATHS_STEPS = ((1, 2), (2, 3), (5, 4))
_TOOL_STEPS = ((1, 1), (5, 2))

# Letters of the languages that part their words, and of no other: Chinese around a Latin word is not a part of it.
_WORD = re.compile("[a-zß-öø-ÿœ-]+")
_POINT_OF_A_LIST = re.compile(r"\n[ \t]{0,8}(?:[-*•]|\d{1,2}[.)])[ \t]")


class SignalKind(StrEnum):
    """What tells of a question's difficulty."""

    SIMPLE = "simple"
    LENGTH = "length"
    CODE = "code"
    MATHS = "maths"
    REASONING = "reasoning"
    HARD = "hard"
    QUESTIONS = "questions"
    CONSTRAINTS = "constraints"
    IMAGES = "images"
    TOOLS = "tools"
    SCHEMA = "schema"
    THINKING = "thinking"
    CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked. `conversation_tokens` are of everything that goes to the model, the question too."""

    text: str
    conversation_tokens: int = 0
    image_count: int = 0
    tool_count: int = 0
    has_schema: bool = False
    wants_thinking: bool = False


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that was found, `count` times or tokens, and what it adds."""

    kind: SignalKind
    points: int
    count: int


@dataclass(frozen=True, slots=True)
class Complexity:
    """The tier a question asks for, and what led there, the weightiest first."""

    tier: TierName
    points: int
    token_count: int
    signals: tuple[Signal, ...]


def analyze(question: Question) -> Complexity:
    """This will tell which tier a question asks for; under 1 ms for a text of any length."""
    sample = _sample(question.text)
    tokens = _tokens(len(question.text), sample)
    found = [*_of_words(sample), *_of_shape(question, sample, tokens)]
    signals = sorted((s for s in found if s.points), key=lambda signal: -signal.points)
    points = sum(signal.points for signal in signals)
    return Complexity(_tier(points), points, tokens, tuple(signals))


def estimate_tokens(text: str) -> int:
    """This will estimate a text's tokens from its beginning and end; a text of any length takes microseconds."""
    return _tokens(len(text), _sample(text))


def _tokens(length: int, sample: str) -> int:
    if sample.isascii():
        return -(-length // _CHARACTERS_A_TOKEN)
    ascii_count = len(sample.encode("ascii", "ignore"))
    tokens = ascii_count / _CHARACTERS_A_TOKEN + len(sample) - ascii_count
    return round(tokens * length / len(sample)) + 1


def _sample(text: str) -> str:
    if len(text) <= _HEAD_CHARS + _TAIL_CHARS:
        return text
    return f"{text[:_HEAD_CHARS]}\n{text[-_TAIL_CHARS:]}"


def _tier(points: int) -> TierName:
    if points <= _MOST_FOR_FAST:
        return TierName.FAST
    return TierName.POWERFUL if points >= _LEAST_FOR_POWERFUL else TierName.BALANCED


def _of_words(sample: str) -> list[Signal]:
    lower = sample.lower()
    present = set(_WORD.findall(lower))

    def count(single: frozenset[str], phrases: tuple[str, ...]) -> int:
        return len(present & single) + sum(phrase in lower for phrase in phrases)

    code = count(words.CODE_WORDS, words.CODE_PHRASES) + _code_marks(lower)
    maths = count(words.MATHS_WORDS, words.MATHS_PHRASES) + sum(map(lower.count, words.MATHS_SIGNS))
    hard = count(words.HARD_WORDS, words.HARD_PHRASES)
    reasoning = count(words.REASONING_WORDS, words.REASONING_PHRASES)
    constraints = count(words.CONSTRAINT_WORDS, words.CONSTRAINT_PHRASES) + len(_POINT_OF_A_LIST.findall(sample))
    is_simple = not (code > 1 or maths or hard or reasoning) and count(words.SIMPLE_WORDS, words.SIMPLE_PHRASES)
    return [
        _stepped(SignalKind.CODE, code, _CODE_STEPS),
        _stepped(SignalKind.MATHS, maths, _MATHS_STEPS),
        _stepped(SignalKind.HARD, hard, _HARD_STEPS),
        _stepped(SignalKind.REASONING, reasoning, _REASONING_STEPS),
        _stepped(SignalKind.CONSTRAINTS, constraints, _CONSTRAINT_STEPS),
        Signal(SignalKind.SIMPLE, -1 if is_simple else 0, 1),
    ]


def _code_marks(lower: str) -> int:
    text = f"\n{lower}\n"
    # A fence says it alone.
    return sum(mark in text for mark in words.CODE_MARKS) + ("```" in text)


def _of_shape(question: Question, sample: str, tokens: int) -> list[Signal]:
    return [
        _stepped(SignalKind.LENGTH, tokens, _LENGTH_STEPS),
        _stepped(SignalKind.QUESTIONS, sum(map(sample.count, words.QUESTION_MARKS)), _QUESTION_STEPS),
        Signal(SignalKind.IMAGES, int(question.image_count > 0), question.image_count),
        _stepped(SignalKind.TOOLS, question.tool_count, _TOOL_STEPS),
        Signal(SignalKind.SCHEMA, int(question.has_schema), 1),
        Signal(SignalKind.THINKING, 2 if question.wants_thinking else 0, 1),
        _stepped(SignalKind.CONVERSATION, question.conversation_tokens, _CONVERSATION_STEPS),
    ]


def _stepped(kind: SignalKind, count: int, steps: tuple[tuple[int, int], ...]) -> Signal:
    points = 0
    for least, step_points in steps:
        if count >= least:
            points = step_points
    return Signal(kind, points, count)
