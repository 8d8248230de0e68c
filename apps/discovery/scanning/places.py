"""Where a scan goes: candidates with their names resolved, once, and checked."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from apps.discovery.contracts import Candidate, Refusal, ServiceKind
from apps.discovery.engine.fingerprints import mcp
from apps.discovery.engine.policy import Policy, is_odd_host, refusal
from apps.discovery.sources import names

Resolve = Callable[[str], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Place:
    """One address and port of a candidate. All its connections go to this address, whatever the name says later."""

    candidate: Candidate
    address: str

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        return ipaddress.ip_address(self.address).is_loopback

    @property
    def lane(self) -> object:
        """What shares a host's turns."""
        return (self.address, self.candidate.port) if self.is_loopback else self.address

    @property
    def prefix(self) -> str:
        """What stands before every path there."""
        if self.candidate.kind is ServiceKind.MCP:
            return ""
        return self.candidate.path.rstrip("/").removesuffix("/v1")

    @property
    def mcp_path(self) -> str:
        """Where an MCP server would be."""
        path = self.candidate.path.rstrip("/")
        return path if path and self.candidate.kind is ServiceKind.MCP else self.prefix + mcp.PATH

    @property
    def root(self) -> str:
        """The address as a client writes it."""
        return f"{self.candidate.scheme}://{bracketed(self.candidate.host)}:{self.candidate.port}{self.prefix}"


def bracketed(host: str) -> str:
    """This will write a host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


async def look_up(host: str) -> Sequence[str]:
    """This will return the addresses of a name, those of IPv4 first."""
    found = await names.resolve(host)
    return sorted(found.addresses, key=lambda address: ":" in address) if found else []


class Resolver:
    """Resolves each name once a scan, so that a name which changes its mind is asked no second time."""

    def __init__(self, resolve: Resolve, timeout_s: float) -> None:
        self._resolve = resolve
        self._timeout_s = timeout_s
        self._known: dict[str, asyncio.Future[Sequence[str]]] = {}

    async def addresses_of(self, host: str) -> Sequence[str]:
        """This will return the addresses of a host, none if it has none."""
        try:
            return [str(ipaddress.ip_address(host))]
        except ValueError:
            pass
        if host not in self._known:
            self._known[host] = asyncio.ensure_future(self._ask(host))
        return await asyncio.shield(self._known[host])

    async def _ask(self, host: str) -> Sequence[str]:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._resolve(host)
        except (OSError, ValueError, TimeoutError):
            return []


async def places_of(candidate: Candidate, policy: Policy, resolver: Resolver) -> list[Place] | Refusal:
    """This will return where the candidate is, or why it may not be touched.

    A name one of whose addresses is refused is refused whole: a name that points at two places points where it likes.
    """
    host = candidate.host.strip().strip("[]").lower()
    if is_odd_host(host) or not 1 <= candidate.port <= 65535:
        return Refusal.ODD_HOST
    addresses = await resolver.addresses_of(host)
    reasons = [reason for address in addresses if (reason := refusal(policy, candidate, address)) is not None]
    if reasons or not addresses:
        return reasons[0] if reasons else Refusal.UNRESOLVED
    plain = replace(candidate, host=host, scheme="https" if candidate.scheme == "https" else "http")
    return [Place(plain, address) for address in addresses]
