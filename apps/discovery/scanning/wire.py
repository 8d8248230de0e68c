"""How a scan's requests travel: aiohttp and bare sockets, without redirects, proxies, cookies or credentials."""

import asyncio
import errno
import socket
from collections import defaultdict
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, Self

import aiohttp

from apps.discovery.engine.wire import Answer, Probe
from apps.discovery.scanning.limits import LIMITS, Lanes, Limits
from apps.discovery.scanning.pinned import Pinned
from apps.discovery.scanning.places import Place, bracketed

USER_AGENT = "Olympus-Discovery/1 (looks for AI services its owner may add; asks, never changes)"
# A server that speaks Postgres says one letter and waits; this long, nothing more may come.
_SILENCE_S = 0.03
# A connection is used again within one conversation; kept longer, a thousand servers would hold a thousand of them open.
_KEPT_S = 1.0
_UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ETIMEDOUT})


@dataclass(slots=True)
class Trace:
    """What was done to one place."""

    requests: list[str] = field(default_factory=list)
    received_bytes: int = 0


@dataclass(slots=True)
class _Clock:
    """A request's time. It stands still while the scan waits for its own turn to connect."""

    bound: asyncio.Timeout
    is_loopback: bool
    is_connected: bool = False

    async def wait_for_turn(self, lanes: Lanes) -> None:
        when = self.bound.when()
        self.bound.reschedule(None)
        waited_s = await lanes.connecting(is_loopback=self.is_loopback)
        self.bound.reschedule(when + waited_s if when is not None else None)


class Wire:
    """Asks probes of places within the limits, and keeps account. Use it as a context."""

    def __init__(self, limits: Limits = LIMITS, *, is_verifying: bool = False) -> None:
        self.limits = limits
        self.traces: defaultdict[tuple[str, int], Trace] = defaultdict(Trace)
        # Addresses that took or refused a connection, so that a host is there.
        self.answering: set[str] = set()
        self._lanes = Lanes(limits)
        self._pinned: dict[tuple[str, int], str] = {}
        self._allowed: set[str] = set()
        # A certificate says nothing here: who answers is found out by asking, and no secret is sent. A check
        # with a key does verify.
        self._tls = is_verifying
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        tracing = aiohttp.TraceConfig()
        tracing.on_connection_create_start.append(self._before_connecting)
        tracing.on_connection_create_end.append(_after_connecting)
        connector = aiohttp.TCPConnector(
            limit=0,
            resolver=Pinned(self._pinned),
            socket_factory=self._checked_socket,
            use_dns_cache=False,
            keepalive_timeout=_KEPT_S,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
            read_bufsize=self.limits.body_bytes,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            trace_configs=[tracing],
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def is_open(self, place: Place) -> bool:
        """This will tell whether anything takes connections at the place, by making one and ending it."""
        async with self._lanes.turn(place.lane):
            await self._lanes.connecting(is_loopback=place.is_loopback)
            try:
                connection = await self._connected(place)
            except (OSError, TimeoutError) as error:
                if isinstance(error, ConnectionRefusedError):
                    self.answering.add(place.address)
                self._lanes.came_to_nothing(is_loopback=place.is_loopback)
                return False
            self.answering.add(place.address)
            with connection:
                # A port of this machine can be given to the very socket that asks for it: that one is closed.
                return connection.getsockname() != connection.getpeername()

    async def ask(self, place: Place, probe: Probe, key: str = "") -> Answer:
        """This will ask and return the answer; what goes wrong is in it."""
        trace = self.traces[place.address, place.candidate.port]
        trace.requests.append(probe.name)
        loop = asyncio.get_running_loop()
        async with self._lanes.turn(place.lane):
            began = loop.time()
            answer = await self._timed(place, probe, key)
        trace.received_bytes += len(answer.body)
        return replace(answer, latency_ms=round((loop.time() - began) * 1000, 2))

    async def _timed(self, place: Place, probe: Probe, key: str) -> Answer:
        clock: _Clock | None = None
        try:
            async with asyncio.timeout(self.limits.probe_s) as bound:
                clock = _Clock(bound, place.is_loopback)
                if probe.raw:
                    return await self._ask_raw(place, probe, clock)
                return await self._ask_http(place, probe, key, clock)
        except TimeoutError:
            return Answer(failure="timeout" if clock and clock.is_connected else "unreachable")
        except aiohttp.ClientConnectorError as error:
            return Answer(failure=_failure_of(error.os_error))
        except OSError as error:
            return Answer(failure=_failure_of(error))
        except (aiohttp.ClientError, ValueError):
            return Answer(failure="garbled")

    async def _ask_http(self, place: Place, probe: Probe, key: str, clock: _Clock) -> Answer:
        assert self._session is not None
        candidate = place.candidate
        self._pinned[candidate.host, candidate.port] = place.address
        self._allowed.add(place.address)
        origin = f"{candidate.scheme}://{bracketed(candidate.host)}:{candidate.port}"
        path = probe.path if probe.method == "POST" and probe.path == place.mcp_path else place.prefix + probe.path
        headers = {**probe.headers, **({"Authorization": f"Bearer {key}"} if key else {})}
        response = await self._session.request(
            probe.method,
            origin + path,
            json=probe.payload,
            headers=headers,
            allow_redirects=False,
            ssl=self._tls,
            trace_request_ctx=clock,
        )
        clock.is_connected = True
        try:
            body, was_cut = await self._body_of(response)
        finally:
            # A connection whose answer was not read to its end is of no more use; one that was goes on.
            response.release() if response.content.at_eof() else response.close()
        told = {name.lower(): value[:1000] for name, value in response.headers.items()}
        return Answer(response.status, told, body, was_cut)

    async def _body_of(self, response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
        body = bytearray()
        is_stream = response.headers.get("Content-Type", "").startswith("text/event-stream")
        async for piece in response.content.iter_any():
            body += piece
            if len(body) >= self.limits.body_bytes:
                return bytes(body[: self.limits.body_bytes]), True
            if is_stream and _has_event(body):
                break
        return bytes(body), False

    async def _ask_raw(self, place: Place, probe: Probe, clock: _Clock) -> Answer:
        await clock.wait_for_turn(self._lanes)
        loop = asyncio.get_running_loop()
        body = bytearray()
        with await self._connected(place) as connection:
            clock.is_connected = True
            await loop.sock_sendall(connection, probe.raw)
            while len(body) < self.limits.body_bytes and not probe.is_whole(bytes(body)):
                piece = await loop.sock_recv(connection, min(4096, self.limits.body_bytes - len(body)))
                if not piece:
                    break
                body += piece
            if len(body) == 1:
                body += await _more_of(connection)
        return Answer(body=bytes(body)) if body else Answer(failure="garbled")

    async def _connected(self, place: Place) -> socket.socket:
        kind = socket.AF_INET6 if ":" in place.address else socket.AF_INET
        connection = socket.socket(kind, socket.SOCK_STREAM)
        limit_s = self.limits.loopback_connect_s if place.is_loopback else self.limits.network_connect_s
        try:
            connection.settimeout(0)
            async with asyncio.timeout(limit_s):
                await asyncio.get_running_loop().sock_connect(connection, (place.address, place.candidate.port))
        except BaseException:
            connection.close()
            raise
        return connection

    def _checked_socket(self, info: Any) -> socket.socket:
        """The last check: no connection to an address that this scan did not check."""
        family, kind, protocol, _, address = info
        if address[0] not in self._allowed:
            raise OSError(errno.EACCES, "not looked up by this scan")
        return socket.socket(family=family, type=kind, proto=protocol)

    async def _before_connecting(self, _: object, context: SimpleNamespace, __: object) -> None:
        await context.trace_request_ctx.wait_for_turn(self._lanes)


async def _after_connecting(_: object, context: SimpleNamespace, __: object) -> None:
    context.trace_request_ctx.is_connected = True


def _has_event(body: bytes | bytearray) -> bool:
    return any(b"data:" in event for event in bytes(body).replace(b"\r\n", b"\n").split(b"\n\n")[:-1])


def _failure_of(error: OSError) -> str:
    if error.errno in _UNREACHABLE:
        return "unreachable"
    return "refused" if isinstance(error, ConnectionRefusedError) else "garbled"


async def _more_of(connection: socket.socket) -> bytes:
    try:
        async with asyncio.timeout(_SILENCE_S):
            return await asyncio.get_running_loop().sock_recv(connection, 64)
    except TimeoutError:
        return b""
