"""Who a service is, apart from where: stable keys, and which entry a finding belongs to."""

import hashlib
from collections.abc import Iterable
from urllib.parse import urlsplit

from apps.discovery.contracts import Candidate, Finding, KnownService, Match, Move, ServiceKind
from apps.discovery.engine.wire import short_text
from olympus.kernel.errors import Conflict

_KEY_CHARS = 32
_LOOPBACK_NAMES = frozenset({"localhost", "::1", "localhost.localdomain", "ip6-localhost"})


class IdentityContested(Conflict):
    """This server says that it is one you have already, from another address, and cannot prove it."""

    code = "identity_contested"


def plain_host(host: str) -> str:
    """This will write a host in one form: the names of this machine's loopback are one place."""
    name = host.strip("[]").rstrip(".").lower()
    return "127.0.0.1" if name in _LOOPBACK_NAMES else name


def key_of(kind: ServiceKind, host: str, port: int, *, path: str = "", stable: str = "") -> str:
    """This will make the key of a service: of its stable name where it has one, else of its place."""
    told = f"id:{stable}" if stable else f"at:{plain_host(host)}:{port}{path.rstrip('/')}"
    return hashlib.sha256(f"{kind}|{told}".encode()).hexdigest()[:_KEY_CHARS]


def stable_name(candidate: Candidate, claimed: str) -> tuple[str, bool]:
    """This will return a service's stable name and whether it is proven, not merely claimed.

    A name counts as proven if it comes from a source whose hosts the owner or the deployment named; what a
    server says of itself, or shouts into the network, is a claim.
    """
    if candidate.identity:
        return short_text(f"{candidate.source}:{candidate.identity}"), candidate.is_named
    return (short_text(f"self:{claimed}"), False) if claimed else ("", True)


def match(finding: Finding, known: Iterable[KnownService]) -> Match:
    """This will tell which entry a finding belongs to, if any.

    An entry moves on proof, or on a mere claim as long as nothing trusts it: neither accepted nor holding a key.
    """
    entries = [entry for entry in known if entry.kind is finding.kind]
    place = (plain_host(finding.host), finding.port)
    namesakes = [entry for entry in entries if entry.identity == finding.identity]
    for entry in sorted(namesakes, key=lambda entry: _place(entry) != place):
        return Match(_move(entry, finding, place), entry.id)
    # Programs are at no place, and so never at the same one.
    there = [entry for entry in entries if finding.port and _place(entry) == place]
    here = next((entry for entry in there if _is_same_path(entry, finding)), None)
    return Match(Move.SAME, here.id) if here else Match(Move.NEW)


def path_of(url: str) -> str:
    """This will give the path of an address; none of one that cannot be read."""
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def _is_same_path(entry: KnownService, finding: Finding) -> bool:
    """One host may serve several MCP servers side by side; of the other kinds it serves one."""
    return finding.kind is not ServiceKind.MCP or entry.path == path_of(finding.url)


def _place(entry: KnownService) -> tuple[str, int]:
    return plain_host(entry.host), entry.port


def _move(entry: KnownService, finding: Finding, place: tuple[str, int]) -> Move:
    if _place(entry) == place:
        return Move.SAME
    is_trusted = entry.is_accepted or entry.has_key
    return Move.MOVED if finding.is_identity_proven or not is_trusted else Move.CONTESTED
