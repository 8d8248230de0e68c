"""What a scan may touch, and which grants can be given."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.discovery.contracts import Candidate, Grant, Refusal
from apps.discovery.engine.policy import Policy, RangeRefused, check_grant, is_odd_host, refusal

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
EVERYTHING = Grant(
    id="g", cidr="0.0.0.0/0", ports=tuple(range(1, 65536)), expires_at=NOW + timedelta(days=1), reason="all"
)
NEVER = {
    "169.254.169.254": Refusal.METADATA,
    "100.100.100.200": Refusal.METADATA,
    "168.63.129.16": Refusal.METADATA,
    "fd00:ec2::254": Refusal.METADATA,
    "fd00:ec2::23": Refusal.METADATA,
    "fd00:42::42": Refusal.METADATA,
    "fe80::1%eth0": Refusal.LINK_LOCAL,
    "::ffff:169.254.169.254%1": Refusal.METADATA,
    "::169.254.169.254": Refusal.PUBLIC,
    "::ffff:169.254.169.254": Refusal.METADATA,
    "169.254.7.1": Refusal.LINK_LOCAL,
    "fe80::1": Refusal.LINK_LOCAL,
    "224.0.0.251": Refusal.MULTICAST,
    "ff02::fb": Refusal.MULTICAST,
    "0.0.0.0": Refusal.UNSPECIFIED,
    "0.1.2.3": Refusal.UNSPECIFIED,
    "::": Refusal.UNSPECIFIED,
    "8.8.8.8": Refusal.PUBLIC,
    "2606:4700::1111": Refusal.PUBLIC,
    "255.255.255.255": Refusal.RESERVED,
    "64:ff9b::a9fe:a9fe": Refusal.RESERVED,
    "2002:a9fe:a9fe::1": Refusal.RESERVED,
    "no address": Refusal.ODD_HOST,
}


def candidate(port: int = 8000, *, is_named: bool = False) -> Candidate:
    """A candidate whose name is of no matter here."""
    return Candidate(source="test", host="x", port=port, is_named=is_named)


@pytest.mark.parametrize(("address", "reason"), NEVER.items())
@pytest.mark.parametrize("is_named", [False, True])
def test_no_consent_opens_metadata_link_local_public_and_other_special_addresses(
    address: str, reason: Refusal, is_named: bool
) -> None:
    policy = Policy(now=NOW, grants=(EVERYTHING,))

    assert refusal(policy, candidate(is_named=is_named), address) is reason


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_needs_no_grant(address: str) -> None:
    assert refusal(Policy(now=NOW), candidate(), address) is None


@pytest.mark.parametrize("address", ["10.1.2.3", "192.168.1.7", "fd12::1", "100.64.0.9"])
def test_a_private_address_takes_a_name_or_a_grant(address: str) -> None:
    policy = Policy(now=NOW)

    assert refusal(policy, candidate(), address) is Refusal.NO_GRANT
    assert refusal(policy, candidate(is_named=True), address) is None


def test_a_grant_covers_its_range_and_ports_until_it_ends() -> None:
    grant = Grant(id="g", cidr="10.0.0.0/24", ports=(8000,), expires_at=NOW + timedelta(hours=1), reason="lab")

    def may(address: str, port: int, now: datetime) -> bool:
        return refusal(Policy(now=now, grants=(grant,)), candidate(port), address) is None

    assert may("10.0.0.5", 8000, NOW)
    assert not may("10.0.1.5", 8000, NOW)
    assert not may("10.0.0.5", 8001, NOW)
    assert not may("10.0.0.5", 8000, NOW + timedelta(hours=1))


GOOD: dict[str, Any] = {
    "cidr": "192.168.1.0/24",
    "ports": [11434],
    "expires_at": NOW + timedelta(days=7),
    "reason": "lab",
}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"cidr": "0.0.0.0/0"}, "cidr"),
        ({"cidr": "10.0.0.0/8"}, "cidr"),
        ({"cidr": "10.0.0.0/21"}, "cidr"),
        ({"cidr": "8.8.8.0/24"}, "cidr"),
        ({"cidr": "169.254.0.0/24"}, "cidr"),
        ({"cidr": "127.0.0.0/24"}, "cidr"),
        ({"cidr": "224.0.0.0/24"}, "cidr"),
        ({"cidr": "fe80::/120"}, "cidr"),
        ({"cidr": "fd00::/64"}, "cidr"),
        ({"cidr": "the office"}, "cidr"),
        ({"cidr": "\x00"}, "cidr"),
        ({"ports": []}, "ports"),
        ({"ports": [0]}, "ports"),
        ({"ports": [65536]}, "ports"),
        ({"ports": range(1, 66)}, "ports"),
        ({"expires_at": NOW}, "expires_at"),
        ({"expires_at": NOW + timedelta(days=31)}, "expires_at"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
    ],
)
def test_an_absurd_grant_is_refused_and_the_field_named(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(RangeRefused) as caught:
        check_grant("g", **{**GOOD, **wrong}, now=NOW)

    assert caught.value.field == field


def test_a_grant_is_put_in_order() -> None:
    grant = check_grant("g", **{**GOOD, "cidr": " 192.168.1.77/30 ", "ports": [8000, 80, 8000]}, now=NOW)

    assert (grant.cidr, grant.ports) == ("192.168.1.76/30", (80, 8000))


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0", "127.1", "", "a b", "a\x00b", "x" * 300])
def test_an_address_written_oddly_is_no_host(host: str) -> None:
    assert is_odd_host(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "ollama", "host.docker.internal", "fe80::1%eth0"])
def test_a_name_or_a_plain_address_is_a_host(host: str) -> None:
    assert not is_odd_host(host)
