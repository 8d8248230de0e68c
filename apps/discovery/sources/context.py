"""What a source may look at, and what the sources found together."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from apps.discovery.contracts import Candidate, Grant, ServiceKind


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a host's name stands for; `canonical` is the name that the name server knows it by."""

    canonical: str
    addresses: tuple[str, ...]


Resolve = Callable[[str], Awaitable[Resolved | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredAddress:
    """An address the owner entered: a URL, `host:port`, or a host alone; `identity` is the id of its entry."""

    address: str
    identity: str = ""
    name: str = ""
    kind: ServiceKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceContext:
    """All that sources know of the world, handed in; `resolve` is the one way to the network, and asks for names.

    Without `is_autodetecting` nothing is looked for that nobody named.
    """

    now: datetime
    configured: tuple[ConfiguredAddress, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    label_file: str = ""
    mcp_paths: tuple[str, ...] = ()
    home: Path | None = None
    resolve: Resolve | None = None
    is_autodetecting: bool = True
    is_in_container: bool = False
    is_mdns_on: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a source could not use, in a sentence for the owner; it never shows what stood in a file."""

    source: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What one source names. `candidates` of a network are made while they are read."""

    candidates: Iterable[Candidate] = ()
    problems: tuple[Problem, ...] = ()
