"""Addresses as people, variables and files write them, made into candidates. Nothing is looked up here."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

from django.utils.translation import gettext as _

from apps.discovery.contracts import ServiceKind
from olympus.kernel.errors import Invalid

# Longer than any host's name (253) with a path; what is longer is no address.
LONGEST_ADDRESS = 2000
_KINDS = {
    "redis": ServiceKind.REDIS,
    "rediss": ServiceKind.REDIS,
    "valkey": ServiceKind.REDIS,
    "postgres": ServiceKind.POSTGRES,
    "postgresql": ServiceKind.POSTGRES,
}
_PORTS = {"http": 80, "https": 443, "redis": 6379, "rediss": 6379, "valkey": 6379, "postgres": 5432, "postgresql": 5432}
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
# What clients add to the address of a server; the product is told by what stands before it.
_CLIENT_PATHS = ("/v1/chat/completions", "/v1/models", "/v1", "/api")


@dataclass(frozen=True, slots=True)
class Place:
    """An address taken apart. `port` is 0 where none is given and none follows from the scheme.

    `secret_names` are the names of what was left out of it: a password, parameters.
    """

    scheme: str
    host: str
    port: int
    path: str
    kind: ServiceKind | None
    secret_names: tuple[str, ...] = ()


def parse_place(address: str) -> Place:
    """This will take apart a URL, `host:port` or a host alone; passwords and parameters are left out.

    Raises:
        Invalid: it is no address of a kind Olympus looks for.
    """
    parts = _split(address.strip())
    scheme = parts.scheme.lower()
    is_bare = "://" not in address
    port = parts.port or (0 if is_bare else _PORTS[scheme])
    return Place(
        scheme=scheme,
        host=_host_of(parts),
        port=port,
        path="" if scheme in _KINDS else parts.path.rstrip("/"),
        kind=_KINDS.get(scheme),
        secret_names=_left_out(parts),
    )


def server_path(path: str) -> str:
    """This will take off a path what clients add to the address of a model server."""
    end = next((end for end in _CLIENT_PATHS if path.endswith(end)), "")
    return path.removesuffix(end)


def is_private(address: str) -> bool:
    """This will tell whether an IP address is of this machine or of a private network."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if ip.is_loopback:  # before the others: Python calls ::1 reserved
        return True
    return ip.is_private and not (ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved)


def _split(address: str) -> SplitResult:
    if not address or len(address) > LONGEST_ADDRESS or not address.isprintable():
        raise Invalid(_("This is not an address. It looks like http://192.168.1.20:11434."), field="address")
    if "://" not in address:
        address = f"http://{_in_brackets(address)}"
    try:
        parts = urlsplit(address)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise Invalid(_("This is not an address. It looks like http://192.168.1.20:11434."), field="address") from error
    if parts.scheme.lower() not in _PORTS:
        raise Invalid(_("An address starts with http://, https://, redis:// or postgresql://."), field="address")
    if not is_whole:
        raise Invalid(_("The address names no host, or port 0."), field="address")
    return parts


def _in_brackets(address: str) -> str:
    """A bare IPv6 address as a URL wants it."""
    try:
        return f"[{ipaddress.IPv6Address(address)}]"
    except ValueError:
        return address


def _host_of(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise Invalid(_("The address names no host, or port 0."), field="address")
    return host.removesuffix(".")


def _left_out(parts: SplitResult) -> tuple[str, ...]:
    names = [name for name, _value in parse_qsl(parts.query, keep_blank_values=True)][:20]
    return ("password", *names) if parts.password else tuple(names)
