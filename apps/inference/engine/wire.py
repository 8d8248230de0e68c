"""One call to a model server: connect, read with deadlines, close at once, name what went wrong."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import IO, Any, Protocol, TypeVar

import aiohttp
import msgspec

from apps.inference.contracts import ModelEvent
from apps.inference.engine.decoding import decode_forgiving
from apps.inference.engine.lines import LineBuffer
from apps.inference.engine.refusals import error_from_answer
from apps.inference.errors import (
    AddressIsOlympus,
    MalformedStream,
    ModelError,
    ProviderTimeout,
    ProviderUnreachable,
    StreamCut,
)
from olympus.kernel.http import (
    INSTANCE_HEADER,
    PROVIDERS,
    Policy,
    TooLarge,
    instance_id,
    read_at_most,
    shared_session,
    was_refused,
)

T = TypeVar("T")
# JSON, a form with a file, or a file alone.
Body = Mapping[str, Any] | aiohttp.FormData | IO[bytes]

# An error's body is a sentence; what is past this is not read.
_ERROR_BYTES = 64 * 1024
# A thousand vectors of 3,072 numbers are about 40 MB of JSON.
_ANSWER_BYTES = 64 * 1024 * 1024
# Ten times the longest answer a model gives; an endless one ends here.
_STREAM_BYTES = 64 * 1024 * 1024
# How long to wait for the end of an answer whose last line is here, to keep the connection for the next.
_GOODBYE_S = 0.2


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait for a model server, in seconds.

    `first_token_s` covers loading a model and reading the prompt; it also bounds the time
    without a token later, in which the server sends signs of life only. `idle_s` is the
    longest silence after the first token: some servers hold a tool call back until it is whole.
    """

    connect_s: float = 5.0
    first_token_s: float = 120.0
    idle_s: float = 60.0
    answer_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where a model server is and how to speak to it."""

    base_url: str
    api_key: str = field(default="", repr=False)
    timeouts: Timeouts = field(default_factory=Timeouts)
    policy: Policy = PROVIDERS

    def headers(self) -> dict[str, str]:
        """This will make the headers every request carries."""
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    def limits(self) -> aiohttp.ClientTimeout:
        """This will make the connection's limits; reading has its own watch."""
        return aiohttp.ClientTimeout(total=None, connect=self.timeouts.connect_s)


class StreamParser(Protocol):
    """Turns whole lines into events. `failure` is raised after what `feed` returned."""

    is_over: bool
    failure: ModelError | None

    def feed(self, lines: bytes) -> list[ModelEvent]:
        """Read whole lines."""

    def end(self, rest: bytes) -> list[ModelEvent]:
        """Read the last line, unended; sets `failure` if the answer is not complete."""


class _Watch:
    """Ends a read when the server is silent too long, at the cost of one timer a stream.

    Only waiting counts: a slow consumer is no fault of the server. Bytes that complete no
    line are no sign of life, so a drip of single bytes ends too.
    """

    def __init__(self, content: aiohttp.StreamReader, timeouts: Timeouts, waited_s: float) -> None:
        self._content = content
        self._timeouts = timeouts
        self._time = asyncio.get_running_loop().time
        self._has_started = False
        self._silent_s = self._tokenless_s = waited_s
        self._waiting_since: float | None = None
        self._arm()

    async def read(self) -> bytes:
        """This will return what has arrived, waiting for something; empty at the end."""
        since = self._waiting_since = self._time()
        try:
            return await self._content.readany()
        finally:
            self._waiting_since = None
            waited_s = self._time() - since
            self._silent_s += waited_s
            self._tokenless_s += waited_s

    def saw_line(self) -> None:
        self._silent_s = 0.0

    def saw_token(self) -> None:
        self._tokenless_s = 0.0
        self._has_started = True

    def stop(self) -> None:
        self._timer.cancel()

    def _left_s(self) -> float:
        now_s = self._time() - self._waiting_since if self._waiting_since is not None else 0.0
        left_s = self._timeouts.first_token_s - self._tokenless_s - now_s
        if self._has_started:
            left_s = min(left_s, self._timeouts.idle_s - self._silent_s - now_s)
        return left_s

    def _arm(self) -> None:
        # Never past the idle limit: the first token may come meanwhile and shorten the wait.
        delay_s = min(max(self._left_s(), 0.0) + 0.001, self._timeouts.idle_s)
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._check)

    def _check(self) -> None:
        if self._left_s() > 0:
            self._arm()
            return
        reason = (
            ProviderTimeout()
            if self._has_started
            else ProviderTimeout(
                "The model server did not begin to answer in time. It may still be loading the model: try again."
            )
        )
        self._content.set_exception(reason)


async def stream_events(
    server: Server, path: str, body: Mapping[str, Any], parser: StreamParser
) -> AsyncGenerator[ModelEvent, None]:
    """This will post `body` and yield what the parser makes of the answer.

    Raises:
        ModelError: whatever went wrong, after the events that came before.
    """
    started = asyncio.get_running_loop().time()
    response = await open_answer(server, path, body)
    watch = _Watch(response.content, server.timeouts, asyncio.get_running_loop().time() - started)
    try:
        async with aclosing(_events(response, watch, parser)) as events:
            async for event in events:
                yield event
    except (aiohttp.ClientError, ConnectionError) as error:
        raise StreamCut from error
    finally:
        watch.stop()
        response.close()


async def _events(
    response: aiohttp.ClientResponse, watch: _Watch, parser: StreamParser
) -> AsyncGenerator[ModelEvent, None]:
    buffer = LineBuffer()
    size_bytes = 0
    while not parser.is_over:
        data = await watch.read()
        size_bytes += len(data)
        if not data:
            events = parser.end(buffer.rest())
        elif lines := buffer.take(data):
            watch.saw_line()
            events = parser.feed(lines)
        else:
            continue
        if events:
            watch.saw_token()
        for event in events:
            yield event
        if parser.failure:
            raise parser.failure
        if size_bytes > _STREAM_BYTES:
            raise MalformedStream("The model server does not come to an end; Olympus stopped reading.")
    await _say_goodbye(response)


async def _say_goodbye(response: aiohttp.ClientResponse) -> None:
    """Read the end of the answer, so that the connection can be used again."""
    try:
        async with asyncio.timeout(_GOODBYE_S):
            await response.content.readany()
    except (TimeoutError, aiohttp.ClientError, ConnectionError):
        return  # the answer is whole; the connection is closed instead of kept


async def open_answer(
    server: Server, path: str, body: Body | None, *, method: str = "POST", timeout_s: float | None = None
) -> aiohttp.ClientResponse:
    """This will send `body` and return the open answer of a success; whoever opens it closes it.

    Raises:
        ModelError: the server refused, or did not begin to answer in time.
    """
    try:
        async with asyncio.timeout(timeout_s or server.timeouts.first_token_s):
            return await _request(server, method, path, body)
    except TimeoutError as error:
        raise ProviderTimeout(
            "The model server did not begin to answer in time. It may still be loading the model: try again."
        ) from error


async def _request(server: Server, method: str, path: str, body: Body | None) -> aiohttp.ClientResponse:
    """Send a request and return the open answer of a success; all else is raised."""
    headers = server.headers()
    data: Any = body
    if isinstance(body, Mapping):
        data = msgspec.json.encode(body)
        headers["Content-Type"] = "application/json"
    try:
        response = await shared_session(server.policy).request(
            method, server.base_url + path, data=data, headers=headers, allow_redirects=False, timeout=server.limits()
        )
    except aiohttp.ClientError as error:
        raise _named(error) from error
    except ConnectionError as error:
        raise ProviderUnreachable from error
    if response.headers.get(INSTANCE_HEADER) == instance_id():
        response.close()
        raise AddressIsOlympus
    if response.status in {200, 201} and response.content_type != "text/html":
        return response
    raise await _refusal(server, response)


def _named(error: aiohttp.ClientError) -> ModelError:
    if was_refused(error):
        return ProviderUnreachable(
            "Olympus does not connect to this address: it is link-local or a cloud machine's metadata."
        )
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return ProviderUnreachable(
            "The model server's certificate cannot be trusted. Check the address, or use http:// inside your network."
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return ProviderUnreachable("No machine has the model server's name. Check the address under Model servers.")
    if isinstance(error, aiohttp.ClientResponseError):
        return MalformedStream("What answers at this address does not speak HTTP as it should.")
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError) and not isinstance(
        error, aiohttp.ClientConnectorError
    ):
        return StreamCut("The model server closed the connection before it answered.")
    return ProviderUnreachable()


async def _refusal(server: Server, response: aiohttp.ClientResponse) -> ModelError:
    try:
        async with asyncio.timeout(server.timeouts.connect_s):
            body = await read_at_most(response, _ERROR_BYTES)
    except (TimeoutError, aiohttp.ClientError, ConnectionError, TooLarge):
        body = b""
    finally:
        response.close()
    return error_from_answer(response.status, response.headers, body, key=server.api_key)


async def fetch(
    server: Server,
    method: str,
    path: str,
    decoder: msgspec.json.Decoder[T],
    body: Mapping[str, Any] | None = None,
    *,
    timeout_s: float | None = None,
) -> T:
    """This will make one request whose answer is one JSON value, and read it.

    Raises:
        ModelError: whatever went wrong.
    """
    try:
        async with asyncio.timeout(timeout_s or server.timeouts.answer_s):
            response = await _request(server, method, path, body)
            try:
                raw = await read_at_most(response, _ANSWER_BYTES)
            finally:
                response.close()
        return decode_forgiving(decoder, raw)
    except TimeoutError as error:
        raise ProviderTimeout("The model server did not answer in time.") from error
    except (aiohttp.ClientError, ConnectionError) as error:
        raise StreamCut("The connection to the model server broke.") from error
    except (ValueError, TooLarge) as error:
        raise MalformedStream("What answers at this address is not a model server of this kind.") from error
