"""Reads what a model server says when it says no, and makes a typed error of it."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from apps.inference.errors import (
    ContextExceeded,
    MalformedStream,
    ModelError,
    ModelNotFound,
    ProviderFailed,
    ProviderRateLimited,
    ProviderRefused,
    ProviderUnauthorized,
)
from olympus.kernel.text import clean_text

# Long enough for a server's sentence, short enough that no document is echoed to a person.
_MESSAGE_CHARS = 300
# Ollama, llama.cpp, vLLM, OpenAI and LM Studio, as they word it.
_CONTEXT = re.compile(
    r"context[ _](length|window|size)|maximum context|exceed_context_size|longer than the context|max_model_len",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"\bmodel\b.*(not found|does ?n.t exist|does not exist|not supported|unknown)", re.IGNORECASE | re.DOTALL
)


def error_from_answer(status: int, headers: Mapping[str, str], body: bytes, *, key: str = "") -> ModelError:
    """This will turn an HTTP answer that is no success into a ModelError.

    No key and no more than a sentence of the body gets into its message.
    """
    message, code = _read(body)
    message = _presentable(message, key)
    if status in {401, 403}:
        return ProviderUnauthorized(status=status)
    if status == 429:
        return ProviderRateLimited(retry_after_s=_seconds(headers.get("Retry-After")))
    if status == 200:
        return MalformedStream(
            "What answers at this address is a web page, not a model server. Check it under Model servers."
        )
    if 300 <= status < 400:
        return ProviderRefused(
            "The model server points to another address. Enter that address under Model servers.", status=status
        )
    return error_from_words(message, code, status=status)


def error_from_words(message: str, code: str = "", *, status: int | None = None) -> ModelError:
    """This will turn a server's own words, from a body or from inside a stream, into a ModelError."""
    words = f"{code} {message}"
    if status in {None, 400, 413, 422, 500} and _CONTEXT.search(words):
        return ContextExceeded(
            "The conversation is longer than this model can read. Shorten it, or choose a model with a larger context."
        )
    if code == "model_not_found" or (status in {None, 400, 404} and _NO_MODEL.search(words)):
        return ModelNotFound("The model server does not offer this model (any more). Choose another one.")
    if code in {"429", "rate_limit_exceeded", "insufficient_quota"}:
        return ProviderRateLimited()
    said = f" It says: {message}" if message else ""
    if status == 404:
        return ProviderRefused(
            f"Nothing answers at this address of the model server; check it under Model servers.{said}", status=404
        )
    if status is None or status >= 500:
        number = f" (error {status})" if status else ""
        return ProviderFailed(f"The model server reported an error{number}.{said}", status=status)
    return ProviderRefused(f"The model server refused the request (error {status}).{said}", status=status)


def error_from_object(error: Any, *, key: str = "") -> ModelError:
    """This will read the `error` member of a line inside a stream: a string, or an object with a message."""
    message, code = _words_of(error)
    return error_from_words(_presentable(message, key), code)


def _read(body: bytes) -> tuple[str, str]:
    try:
        answer = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(answer, dict):
        return "", ""
    return _words_of(answer.get("error") or answer.get("detail") or answer.get("message"))


def _words_of(error: Any) -> tuple[str, str]:
    if isinstance(error, str):
        return error, ""
    if isinstance(error, dict):
        code = error.get("code")
        return str(error.get("message") or error.get("type") or ""), "" if code is None else str(code)
    return "", ""


def _presentable(message: str, key: str) -> str:
    if key:
        message = message.replace(key, "…")
    message = clean_text(" ".join(message.split()))
    return message if len(message) <= _MESSAGE_CHARS else message[: _MESSAGE_CHARS - 1] + "…"


def _seconds(retry_after: str | None) -> float | None:
    """Seconds as a number; the HTTP-date form is not used by model servers and left out."""
    try:
        return max(0.0, float(retry_after or ""))
    except ValueError:
        return None
