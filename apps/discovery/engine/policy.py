"""What a scan may touch: this machine, hosts the owner named, and networks under a grant. Nothing else, ever."""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from apps.discovery.contracts import Candidate, Grant, Refusal
from olympus.kernel.errors import Denied, Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# A /22, the largest flat office network: at 20 connections a second, a minute a port.
MOST_ADDRESSES = 1024
MOST_PORTS = 64
LONGEST_GRANT = timedelta(days=30)
_LONGEST_REASON = 500

# What hands out a cloud machine's credentials: AWS, GCP, Azure, Oracle (within link-local too), Azure's wire server,
# Alibaba, Oracle Classic; on IPv6 all that AWS keeps for itself (its pods' identities too), GCP, Oracle, Scaleway, Linode.
_METADATA = tuple(
    ipaddress.ip_network(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::/32",
        "fd20:ce::254",
        "fd00:c1::a9fe:a9fe",
        "fd00:42::42",
        "fd00:a9fe:a9fe::1",
    )
)
# IPv6 addresses that carry an IPv4 address; a scan has no use for them, and they would carry it past the rules.
_CARRIERS = tuple(ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
_SHARED = ipaddress.ip_network("100.64.0.0/10")
_THIS_NETWORK = ipaddress.ip_network("0.0.0.0/8")
# A host's name, without what a URL would read otherwise: a user before it, a path or a port behind it.
_NAME = re.compile(r"\w[\w-]*(?:\.\w[\w-]*)*\.?")


class RangeRefused(Invalid):
    """This range cannot be granted."""

    code = "range_refused"


class RangeTooLarge(RangeRefused):
    """A range has at most 1,024 addresses: /22 or smaller."""

    code = "range_too_large"


class RangeNotPrivate(RangeRefused):
    """Only private networks can be scanned, never public, link-local or metadata addresses."""

    code = "range_not_private"


class RangeMalformed(RangeRefused):
    """Write a range like 192.168.1.0/24."""

    code = "range_malformed"


class PortsRefused(RangeRefused):
    """Name 1 to 64 ports, each a number from 1 to 65535."""

    code = "ports_refused"


class GrantTooLong(RangeRefused):
    """A grant ends in the future, at most 30 days from now."""

    code = "grant_too_long"


class ReasonMissing(RangeRefused):
    """Say why this network is to be scanned; the reason stays with the record."""

    code = "reason_missing"


class AddressNever(Denied):
    """This address is never scanned: it is public, link-local, reserved or one that hands out credentials."""

    code = "address_never"


class AddressNotGranted(Denied):
    """This address is in no network you granted, or the grant does not name its port. Grant its network first."""

    code = "address_not_granted"


class HostUnknown(Invalid):
    """This host has no address. Write a name that resolves, or an address like 192.168.1.20."""

    code = "host_unknown"


def refused(reason: Refusal) -> AddressNever | AddressNotGranted | HostUnknown:
    """This will make the error that tells a person of a refusal."""
    if reason is Refusal.NO_GRANT:
        return AddressNotGranted()
    return HostUnknown(field="host") if reason in {Refusal.UNRESOLVED, Refusal.ODD_HOST} else AddressNever()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The grants a scan goes by, at the time it runs. Without grants: this machine and named hosts alone."""

    now: datetime
    grants: tuple[Grant, ...] = ()


def refusal(policy: Policy, candidate: Candidate, address: str) -> Refusal | None:
    """This will tell why the scan may not touch the address of the candidate, None if it may."""
    ip, never = _judged(address)
    if ip is None or never is not None or ip.is_loopback or candidate.is_named:
        return never
    return None if any(_covers(grant, ip, candidate.port, policy.now) for grant in policy.grants) else Refusal.NO_GRANT


@lru_cache(2 * MOST_ADDRESSES)
def _judged(address: str) -> tuple[Address | None, Refusal | None]:
    """An address and why it is never touched; a network's are asked for again at each port."""
    ip = _plain(address)
    return ip, Refusal.ODD_HOST if ip is None else _never(ip)


@lru_cache(2 * MOST_ADDRESSES)
def is_odd_host(host: str) -> bool:
    """This will tell whether a host is an IP address in a form people do not use, or no host at all."""
    if not host or len(host) > 253 or not host.isprintable() or " " in host:
        return True
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        try:
            socket.inet_aton(host)
        except (OSError, ValueError):
            return _NAME.fullmatch(host) is None
        return True
    return False


def _plain(address: str) -> Address | None:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return ip.ipv4_mapped or ip if isinstance(ip, ipaddress.IPv6Address) else ip


def _never(ip: Address) -> Refusal | None:
    """What no consent allows. Loopback first: Python 3.11 calls ::1 reserved."""
    checks = (
        (ip.is_unspecified or ip in _THIS_NETWORK, Refusal.UNSPECIFIED),
        (ip.is_loopback, None),
        (any(ip in network for network in _METADATA), Refusal.METADATA),
        (ip.is_link_local, Refusal.LINK_LOCAL),
        (ip.is_multicast, Refusal.MULTICAST),
        (any(ip in network for network in _CARRIERS), Refusal.RESERVED),
        (ip.is_global, Refusal.PUBLIC),
        (not (ip.is_private or ip in _SHARED) or ip.is_reserved, Refusal.RESERVED),
    )
    return next((reason for is_so, reason in checks if is_so), None)


def _covers(grant: Grant, ip: Address, port: int, now: datetime) -> bool:
    return now < grant.expires_at and port in grant.ports and ip in _range(grant.cidr)


_range = lru_cache(64)(ipaddress.ip_network)


def check_grant(
    grant_id: str, *, cidr: str, ports: Iterable[int], expires_at: datetime, reason: str, now: datetime
) -> Grant:
    """This will return the grant with its range, ports and reason in order.

    Raises:
        RangeRefused: one of its kinds, `field` naming what is wrong.
    """
    network = _network(cidr)
    chosen = tuple(sorted(set(ports)))
    if not 1 <= len(chosen) <= MOST_PORTS or not all(1 <= port <= 65535 for port in chosen):
        raise PortsRefused(field="ports")
    if not now < expires_at <= now + LONGEST_GRANT:
        raise GrantTooLong(field="expires_at")
    if not reason.strip() or len(reason) > _LONGEST_REASON:
        raise ReasonMissing(field="reason")
    return Grant(id=grant_id, cidr=str(network), ports=chosen, expires_at=expires_at, reason=reason.strip())


def _network(cidr: str) -> Network:
    try:
        network = ipaddress.ip_network(cidr.strip(), strict=False)
    except ValueError as error:
        raise RangeMalformed(field="cidr") from error
    if network.num_addresses > MOST_ADDRESSES:
        raise RangeTooLarge(field="cidr")
    ends = (_plain(str(network.network_address)), _plain(str(network.broadcast_address)))
    if network.is_loopback or any(end is None or _never(end) is not None for end in ends):
        raise RangeNotPrivate(field="cidr")
    return network
