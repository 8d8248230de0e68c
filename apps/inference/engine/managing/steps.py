"""The lines of a pull or a creation, as Ollama streams them.

Source: github.com/ollama/ollama, api/types.go (ProgressResponse) and server/routes.go (streamResponse), as of August 2026.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import msgspec

from apps.inference.engine.decoding import decode_forgiving
from apps.inference.engine.lines import LineBuffer
from apps.inference.engine.managing.troubles import Trouble, trouble_in, trouble_of
from apps.inference.engine.wire import Server, open_answer
from apps.inference.errors import MalformedStream, ModelError, StreamCut
from olympus.kernel.text import clean_text

# The server tells how far it is several times a second; one that says nothing for so long is stuck.
_SILENCE_S = 60.0
# Checking, converting and writing hundreds of gigabytes says nothing for long.
_LONG_SILENCE_S = 900.0
_SAYS_MUCH = "pulling "
# A pull of a day is some 200 MB of lines; a server that floods ends here.
_MOST_BYTES = 512 * 1024 * 1024
# No model is larger than an exbibyte, and the database holds no more.
LARGEST_BYTES = 1 << 60
_WORDS_CHARS = 200


class _Line(msgspec.Struct):
    status: str = ""
    digest: str = ""
    total: int = 0
    completed: int = 0
    error: Any = None


_line = msgspec.json.Decoder(_Line)


@dataclass(frozen=True, slots=True)
class Step:
    """What the server does now; `digest` names the file that is being brought, `done_bytes` of its `total_bytes` are here."""

    words: str
    digest: str = ""
    total_bytes: int = 0
    done_bytes: int = 0

    @property
    def is_last(self) -> bool:
        """Whether the model is there."""
        return self.words == "success"


class Failed(Exception):
    """The model did not get there. `words` are the server's own, empty where it said nothing."""

    def __init__(self, trouble: Trouble, words: str = "") -> None:
        super().__init__(f"{trouble}: {words}")
        self.trouble, self.words = trouble, words


async def steps(
    server: Server, path: str, body: Mapping[str, Any], *, silence_s: float = _SILENCE_S
) -> AsyncGenerator[Step, None]:
    """This will post `body` and yield each step until the model is there; closing it has Ollama stop.

    Raises:
        Failed: it did not get there.
    """
    try:
        response = await open_answer(server, path, body)
    except ModelError as error:
        raise Failed(trouble_of(error), _said(error.message, server)) from error
    try:
        async for step in _read(response, server, silence_s):
            yield step
            if step.is_last:
                return
        raise Failed(Trouble.CUT)
    except MalformedStream as error:
        raise Failed(Trouble.MALFORMED) from error
    except (aiohttp.ClientError, ConnectionError, StreamCut) as error:
        raise Failed(Trouble.CUT) from error
    except TimeoutError as error:
        raise Failed(Trouble.SILENT) from error
    finally:
        response.close()


async def _read(response: aiohttp.ClientResponse, server: Server, silence_s: float) -> AsyncGenerator[Step, None]:
    """Bytes that complete no line are no sign of life, so a drip of single ones ends too."""
    buffer, size_bytes = LineBuffer(), 0
    time = asyncio.get_running_loop().time
    until, is_over = time() + silence_s, False
    while not is_over:
        async with asyncio.timeout_at(until):
            data = await response.content.readany()
        is_over = not data
        lines = buffer.rest() if is_over else buffer.take(data)
        size_bytes += len(data)
        if size_bytes > _MOST_BYTES:
            raise MalformedStream
        for raw in lines.split(b"\n"):
            if raw.strip():
                step = _step(raw, server)
                until = time() + (silence_s if step.words.startswith(_SAYS_MUCH) else max(silence_s, _LONG_SILENCE_S))
                yield step


def _step(raw: bytes, server: Server) -> Step:
    try:
        line = decode_forgiving(_line, raw)
    except ValueError as error:
        raise MalformedStream from error
    if line.error is not None:
        words = _said(line.error if isinstance(line.error, str) else "", server)
        raise Failed(trouble_in(words), words)
    if not line.status:
        raise MalformedStream
    total = min(max(line.total, 0), LARGEST_BYTES)
    step = Step(_said(line.status, server), line.digest[:_WORDS_CHARS], total, max(line.completed, 0))
    return replace(step, done_bytes=min(step.done_bytes, total))


def _said(words: str, server: Server) -> str:
    """A server's words, fit to be shown: one line, no key."""
    words = words.replace(server.api_key, "…") if server.api_key else words
    return clean_text(" ".join(words.split()))[:_WORDS_CHARS]
