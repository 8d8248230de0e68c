"""When two requests may share one answer: which are stored at all, and what must be the same."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import msgspec

from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole, Sampling
from olympus.kernel.text import compose_text

# Changes when what is digested changes, so that answers stored under an older rule are not found.
_VERSION = 1
# Longer prompts are documents and long conversations, which hardly repeat; digesting them would cost every call.
_MOST_CHARACTERS = 400_000
_MOST_IMAGE_BYTES = 8 * 1024 * 1024
# Parameters of OpenAI that change the answer and are stored as they are; the value is what leaving it out means.
_MEANINGFUL: Mapping[str, Any] = {
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "logit_bias": None,
    "reasoning_effort": None,
    "verbosity": None,
    "response_format": None,
    "n": 1,
}
# Parameters that change who pays or who sees it, not the answer.
_MEANINGLESS = frozenset(
    {"user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "stream_options", "stream"}
)
# A question is a sentence or two; what is longer is a document with a question in it.
_MOST_QUESTION_CHARACTERS = 2000
# Digits in any script, so that "17 times 3" is never answered as "17 times 4"; a sign or a point belongs to them.
_NUMBER = re.compile(r"[-+]?\d+(?:[.,:/]\d+)*")
_NEGATION = re.compile(r"\b(?:not|no|never|without|except|neither|nor|none|cannot|\w+n['’]t)\b", re.IGNORECASE)
# A name begins with a capital inside a sentence, is written in capitals, or is a word with signs of code.
_NAME = re.compile(r"(?<=[^\s.!?:;]\s)[A-Z][\w'-]*|\b[A-Z]{2,}\b")
_CODE_SIGNS = frozenset("_/\\@#{}()=<>")
_WORD = re.compile(r"\w+")
# Words that move about in a sentence without changing what is asked.
_COMMON = frozenset(
    "a an and are as at be can could do does for how i in is it me my of on one or please so tell that the their "
    "there this up want was we what when where which who why will would you your".split()
)

_encoder = msgspec.json.Encoder(order="sorted", enc_hook=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A request of one question: `text`, and `scope`, a digest of all but its wording."""

    text: str
    scope: str


def is_repeatable(request: ChatRequest) -> bool:
    """This will tell whether a request's answer may be another's: plain text or images, no tools, nothing random asked for.

    A temperature left out counts as 0: whoever wants variety asks for it, or says that no stored answer will do.
    """
    return not (
        request.tools
        or request.tool_choice not in (None, "none", "auto")
        or request.logprobs is not None
        or request.goes_on
        or not _is_steady(request.sampling)
        or any(_is_of_tools(message) for message in request.messages)
        or not all(_may_stay(name, value) for name, value in request.extra.items())
    )


def request_digest(request: ChatRequest, *more: object) -> str | None:
    """This will name everything that decides the answer, in 40 hexadecimal digits; None if it is too much or no text.

    `more` is what else must be the same, the model and the scope among it. Not digested: white space around
    texts and at the ends of lines, parameters that say what is the default, how long a model stays in memory.
    """
    if _size(request) > _MOST_CHARACTERS or _image_bytes(request) > _MOST_IMAGE_BYTES:
        return None
    try:
        content = _encoder.encode((_VERSION, more, *_facts(request)))
    except (UnicodeEncodeError, TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        return None
    return blake2b(content, digest_size=20).hexdigest()


def question_of(request: ChatRequest, *more: object) -> Question | None:
    """This will read a request as a question whose wording may differ; None if it is not one question alone.

    Numbers, names and negations must be the same: sentences that differ in these alone mean nearly the same
    to an embedding and something else to a person.
    """
    *before, last = request.messages or (None,)
    if last is None or last.role is not ChatRole.USER or last.images or not last.text.strip():
        return None
    if len(last.text) > _MOST_QUESTION_CHARACTERS:
        return None
    if any(message is None or message.role is not ChatRole.SYSTEM for message in before):
        return None
    fixed = ChatMessage(ChatRole.USER, "\n".join(_fixed_words(last.text)))
    scope = request_digest(replace(request, messages=(*before, fixed)), "question", *more)
    return Question(tidy(last.text), scope) if scope else None


def agree(one: str, other: str) -> bool:
    """This will tell whether two questions name what they share in one order.

    An embedding hardly sees order: "convert miles to km" and "convert km to miles" are 0.997 alike.
    """
    first, second = _WORD.findall(one.lower()), _WORD.findall(other.lower())
    shared = {word for word in first if word in second} - _COMMON
    return [word for word in first if word in shared] == [word for word in second if word in shared]


def tidy(text: str) -> str:
    """This will write a text in the one form in which texts are compared: NFC, plain line ends, no white space around."""
    text = compose_text(text.strip())
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join([line.rstrip(" \t") for line in text.split("\n")]) if "\n" in text else text


def _fixed_words(text: str) -> list[str]:
    text = unicodedata.normalize("NFKC", text)
    code = [word for word in text.split() if not _CODE_SIGNS.isdisjoint(word)]
    negations = [word.lower() for word in _NEGATION.findall(text)]
    return sorted([*_NUMBER.findall(text), *_NAME.findall(text), *code, *negations])


def _is_steady(sampling: Sampling) -> bool:
    return not sampling.temperature or sampling.seed is not None


def _is_of_tools(message: ChatMessage) -> bool:
    return message.role is ChatRole.TOOL or bool(message.tool_calls)


def _may_stay(name: str, value: Any) -> bool:
    if name == "n":
        return value in (None, 1)
    return name in _MEANINGFUL or name in _MEANINGLESS


def _facts(request: ChatRequest) -> tuple[object, ...]:
    sampling = request.sampling
    extra = {
        name: value
        for name, value in request.extra.items()
        if name in _MEANINGFUL and value is not None and value != _MEANINGFUL[name]
    }
    return (
        [
            (message.role, tidy(message.text), [_image(image.data) for image in message.images])
            for message in request.messages
        ],
        request.response_schema,
        (
            float(sampling.temperature or 0),
            1.0 if sampling.top_p is None else float(sampling.top_p),
            sampling.top_k,
            sampling.seed,
            sampling.max_tokens,
            sorted(set(sampling.stop)),
        ),
        request.think,
        request.context_length,
        extra,
    )


def _image(data: bytes) -> str:
    return blake2b(data, digest_size=20).hexdigest()


def _size(request: ChatRequest) -> int:
    return sum(len(message.text) for message in request.messages)


def _image_bytes(request: ChatRequest) -> int:
    return sum(len(image.data) for message in request.messages for image in message.images)
