"""The safe way out: HTTP sessions that refuse dangerous addresses and never follow the environment."""

import asyncio
import hashlib
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver
from django.conf import settings
from django.utils.translation import gettext as _

from olympus.kernel.errors import Invalid, OlympusError

T = TypeVar("T")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

INSTANCE_HEADER = "X-Olympus-Instance"
# uvicorn, under which most model servers run, closes an idle connection after 5 s; using one at
# that very moment would fail a request for nothing.
_KEEP_ALIVE_S = 4.0
# One read of this size is some thousand streamed tokens; larger only costs memory a stream.
_READ_BUFFER_BYTES = 64 * 1024


class AddressRefused(OlympusError):
    """Olympus does not connect to this address. Link-local and cloud metadata addresses are never used."""

    code = "address_refused"


class TooLarge(OlympusError):
    """The server's answer is larger than Olympus reads."""

    code = "answer_too_large"


class _Refused(PermissionError):
    """The guard's own error, an OSError so that aiohttp carries it to the caller."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Which addresses a session may connect to: all but the networks named here.

    Multicast and the unspecified address are refused by every policy.
    """

    name: str
    refused: tuple[Network, ...]


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


# What an owner enters may be anywhere, this machine included, but for the addresses that hand out a
# cloud machine's credentials: AWS, GCP and Azure (169.254.169.254), Azure's wire server, Alibaba, Oracle Classic; on IPv6
# all that AWS keeps for itself (its pods' identities too), GCP, Oracle, Scaleway and Linode.
PROVIDERS = Policy(
    "providers",
    _networks(
        "169.254.0.0/16",
        "168.63.129.16/32",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "0.0.0.0/8",
        "fe80::/10",
        "fd00:ec2::/32",
        "fd20:ce::254/128",
        "fd00:c1::a9fe:a9fe/128",
        "fd00:42::42/128",
        "fd00:a9fe:a9fe::1/128",
    ),
)

_NAT64 = _networks("64:ff9b::/96", "64:ff9b:1::/48")


def is_allowed(address: str, policy: Policy) -> bool:
    """This will tell whether the policy lets a session connect to the IP address.

    An IPv4 address inside an IPv6 one (mapped, compatible, NAT64, 6to4, Teredo) is checked as well.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    return all(_is_plain_allowed(each, policy) for each in (ip, *_embedded(ip)))


def _is_plain_allowed(ip: Address, policy: Policy) -> bool:
    if ip.is_multicast or ip.is_unspecified:
        return False
    return not any(ip in network for network in policy.refused)


def _embedded(ip: Address) -> list[Address]:
    if ip.version == 4:
        return []
    found: list[Address | None] = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
    low = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    # ::a.b.c.d is the deprecated IPv4-compatible form; ::1 itself is loopback and no IPv4 address.
    if any(ip in network for network in _NAT64) or (int(ip) >> 32 == 0 and int(ip) > 1):
        found.append(low)
    return [each for each in found if each is not None]


def check_url(url: str, policy: Policy) -> str:
    """This will return `url` without a trailing slash if it is a plain http(s) address the policy allows.

    Raises:
        Invalid: it is no such URL, or an IP address written in a form people do not use.
        AddressRefused: it names an address the policy refuses.
    """
    parts = _split(url.strip())
    host = parts.hostname or ""
    if _is_odd_ip(host):
        raise Invalid(_("Write an IP address as four numbers, like 192.168.1.20."), field="base_url")
    try:
        if not is_allowed(host, policy):
            raise AddressRefused
    except ValueError:
        pass  # a name, not an address: it is checked when it is resolved, at each connection
    return parts._replace(query="", fragment="").geturl().rstrip("/")


def _split(url: str) -> Any:
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise Invalid(
            _("This is not a web address. It looks like http://localhost:11434."), field="base_url"
        ) from error
    if parts.scheme not in {"http", "https"} or not has_host:
        raise Invalid(_("A web address starts with http:// or https:// and names a host."), field="base_url")
    if parts.username or parts.password:
        raise Invalid(_("Enter the key in its own field, not in the address."), field="base_url")
    return parts


def _is_odd_ip(host: str) -> bool:
    """Decimal, hexadecimal, octal and short forms, which resolvers read as IPv4 addresses."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        try:
            socket.inet_aton(host)
        except (OSError, UnicodeEncodeError):
            return False
        return True
    return False


class _GuardedResolver(ThreadedResolver):
    """Resolves names and refuses one of whose addresses any is refused."""

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self._policy = policy

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        results = await super().resolve(host, port, family)
        _require_allowed((result["host"] for result in results), self._policy)
        return results


def _require_allowed(addresses: Iterable[str], policy: Policy) -> None:
    for address in addresses:
        if not is_allowed(address, policy):
            raise _Refused(f"{address} is refused")


def _guarded_socket(policy: Policy) -> Callable[[Any], socket.socket]:
    """The last check: at the very address a connection is about to be made to, names and literals alike."""

    def make(info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        _require_allowed([address[0]], policy)
        return socket.socket(family=family, type=kind, proto=protocol)

    return make


def instance_id() -> str:
    """This will name this installation, the same in all its processes, telling nothing about it."""
    return hashlib.sha256(b"olympus.instance:" + settings.SECRET_KEY.encode()).hexdigest()[:24]


def open_session(policy: Policy) -> aiohttp.ClientSession:
    """This will open a session under the policy; whoever opens it closes it.

    No proxy from the environment, no cookies kept, no limit on connections: callers have theirs.
    """
    connector = aiohttp.TCPConnector(
        limit=0,
        resolver=_GuardedResolver(policy),
        socket_factory=_guarded_socket(policy),
        keepalive_timeout=_KEEP_ALIVE_S,
    )
    return aiohttp.ClientSession(
        connector=connector,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        read_bufsize=_READ_BUFFER_BYTES,
        headers={"User-Agent": "Olympus", INSTANCE_HEADER: instance_id(), "Accept-Encoding": "identity"},
    )


_sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, aiohttp.ClientSession]] = WeakKeyDictionary()


def shared_session(policy: Policy) -> aiohttp.ClientSession:
    """This will return the running loop's session under the policy, opened on first use."""
    of_loop = _sessions.setdefault(asyncio.get_running_loop(), {})
    session = of_loop.get(policy.name)
    if session is None or session.closed:
        session = of_loop[policy.name] = open_session(policy)
    return session


async def close_sessions() -> None:
    """This will close the running loop's shared sessions; call it before the loop ends."""
    for session in _sessions.pop(asyncio.get_running_loop(), {}).values():
        await session.close()


def run_alone(work: Callable[[], Awaitable[T]]) -> T:
    """This will run async work with calls out from ordinary code, in a loop of its own."""

    async def main() -> T:
        try:
            return await work()
        finally:
            await close_sessions()

    return asyncio.run(main())


def was_refused(error: BaseException) -> bool:
    """This will tell whether an aiohttp error is the guard's refusal of an address."""
    return isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, _Refused)


async def read_at_most(response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    """This will read a whole answer of at most `limit_bytes`.

    Raises:
        TooLarge: there is more; the connection is closed.
    """
    parts = bytearray()
    async for piece in response.content.iter_any():
        parts += piece
        if len(parts) > limit_bytes:
            response.close()
            raise TooLarge
    return bytes(parts)
