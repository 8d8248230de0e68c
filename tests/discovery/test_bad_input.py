"""What nobody should ask for is refused with a clear error, and not one connection is tried for it."""

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.discovery.contracts import Candidate, Grant, Refusal, ServiceKind
from apps.discovery.engine.policy import (
    AddressNever,
    AddressNotGranted,
    GrantTooLong,
    HostUnknown,
    Policy,
    PortsRefused,
    RangeRefused,
    ReasonMissing,
    check_grant,
)
from apps.discovery.scanning import check_health, identify, scan
from tests.doubles.fleet.vllm import Vllm

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NO_CONSENT = Policy(now=NOW)
METADATA = "169.254.169.254"

_witnesses: list[list[str]] = []


def _audited(event: str, arguments: tuple[Any, ...]) -> None:
    """Python tells of every connection that is tried, before the kernel hears of it."""
    if _witnesses and event == "socket.connect":
        _witnesses[-1].append(str(arguments[1][0]))


sys.addaudithook(_audited)


@pytest.fixture
def tried() -> Iterator[list[str]]:
    """The addresses this process tries to connect to while the test runs."""
    _witnesses.append([])
    yield _witnesses[-1]
    _witnesses.pop()


def resolving(*answers: Sequence[str]) -> tuple[Callable[[str], Any], list[str]]:
    """A name server that answers differently each time, the last answer from then on, and what it was asked."""
    asked: list[str] = []

    async def resolve(name: str) -> Sequence[str]:
        asked.append(name)
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


def grant(**values: Any) -> Grant:
    """Ask for a grant that is in order but for what the test says."""
    known: dict[str, Any] = {
        "cidr": "192.168.1.0/24",
        "ports": (8000,),
        "expires_at": NOW + timedelta(days=1),
        "reason": "To find the model servers",
        "now": NOW,
    }
    return check_grant("1", **{**known, **values})


@pytest.mark.parametrize(
    "cidr",
    [
        *("0.0.0.0/0", "::/0", "10.0.0.0/8", "192.168.0.0/21", "fd00::/64", "8.8.8.0/24", "8.8.8.8"),
        *("169.254.169.254/32", "169.254.0.0/24", "127.0.0.0/24", "::1", "224.0.0.0/24", "0.0.0.0/24", "fe80::/120"),
        *("fd00:ec2::254/128", "::ffff:169.254.169.254/128", "100.100.100.200", "255.255.255.255", "240.0.0.0/24"),
        *("", " ", "/24", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/24/24", "999.1.1.1/24", "10.0.0.0-10.0.0.9", "*"),
        *("localhost", "example.org/24", "10.0.0.0/24\x00", "10.0.0.0/24;ls", "１０.0.0.0/24", "9" * 100_000, "\ud800"),
    ],
    ids=lambda cidr: repr(cidr[:30]),
)
def test_an_absurd_range_is_never_granted(cidr: str) -> None:
    with pytest.raises(RangeRefused) as refused:
        grant(cidr=cidr)

    assert refused.value.field == "cidr"
    assert 10 < len(refused.value.message) < 300


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"ports": ()}, PortsRefused),
        ({"ports": (0,)}, PortsRefused),
        ({"ports": (-1, 80)}, PortsRefused),
        ({"ports": (65_536,)}, PortsRefused),
        ({"ports": range(1, 65_536)}, PortsRefused),
        ({"expires_at": NOW}, GrantTooLong),
        ({"expires_at": NOW + timedelta(days=31)}, GrantTooLong),
        ({"reason": "  "}, ReasonMissing),
        ({"reason": "x" * 100_000}, ReasonMissing),
    ],
)
def test_a_grant_has_few_ports_an_end_and_a_reason(values: dict[str, Any], error: type[RangeRefused]) -> None:
    with pytest.raises(error):
        grant(**values)


@pytest.mark.parametrize(
    "grants",
    [
        (),
        (Grant(id="1", cidr="10.77.0.0/29", ports=(9000,), expires_at=NOW + timedelta(days=1), reason="another port"),),
        (Grant(id="1", cidr="10.77.0.0/29", ports=(8000,), expires_at=NOW, reason="over"),),
        (Grant(id="1", cidr="10.77.1.0/29", ports=(8000,), expires_at=NOW + timedelta(days=1), reason="beside"),),
    ],
    ids=["none", "another port", "expired", "another range"],
)
async def test_a_range_without_consent_is_left_alone(grants: tuple[Grant, ...], tried: list[str]) -> None:
    candidates = [Candidate(source="networks", host=f"10.77.0.{last}", port=8000) for last in range(1, 7)]

    result = await scan(candidates, Policy(now=NOW, grants=grants))

    assert {touched.refusal for touched in result.touched} == {Refusal.NO_GRANT}
    assert len(result.touched) == 6
    assert tried == []


async def test_a_grant_that_was_taken_back_since_is_worth_nothing(tried: list[str]) -> None:
    given = Grant(id="1", cidr="10.77.0.0/29", ports=(8000,), expires_at=NOW + timedelta(days=1), reason="for now")

    async def renew() -> Policy:
        return NO_CONSENT

    candidates = [Candidate(source="networks", host=f"10.77.0.{last}", port=8000) for last in range(1, 7)]
    result = await scan(candidates, Policy(now=NOW, grants=(given,)), renew=renew)

    assert {touched.refusal for touched in result.touched} == {Refusal.NO_GRANT}
    assert tried == []


async def test_asking_for_one_host_without_consent_says_that_consent_is_missing(tried: list[str]) -> None:
    with pytest.raises(AddressNotGranted) as refused:
        await identify(Candidate(source="entered", host="10.77.0.1", port=8000), NO_CONSENT)

    assert refused.value.message
    assert tried == []


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize(
    "address",
    [
        METADATA,
        "169.254.170.2",
        "fd00:ec2::254",
        f"::ffff:{METADATA}",
        "64:ff9b::a9fe:a9fe",
        "100.100.100.200",
        "fe80::1",
        "224.0.0.1",
        "0.0.0.0",
        "8.8.8.8",
    ],
)
async def test_a_name_that_stands_for_such_an_address_is_refused_whoever_named_it(
    address: str, is_named: bool, tried: list[str]
) -> None:
    resolve, _ = resolving([address])
    candidate = Candidate(source="configured", host="models.example", port=80, is_named=is_named)

    with pytest.raises(AddressNever) as refused:
        await identify(candidate, Policy(now=NOW, grants=(grant(),)), resolve=resolve)

    assert refused.value.message
    assert tried == []


@pytest.mark.parametrize(
    "host",
    ["2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "", ".", "a..b", "x" * 300, "a b", "a\x00b",
     "http://x", "x/../y", "user@host", "x:80", "-x", "\ud800", "127.1", "0"],
)  # fmt: skip
async def test_an_odd_host_is_not_even_looked_up(host: str, tried: list[str]) -> None:
    resolve, asked = resolving([METADATA])
    candidate = Candidate(source="configured", host=host, port=80, is_named=True)

    with pytest.raises((HostUnknown, AddressNever)):
        await identify(candidate, NO_CONSENT, resolve=resolve)

    assert asked == []
    assert tried == []


async def test_a_name_with_one_bad_address_among_good_ones_is_refused_whole(tried: list[str]) -> None:
    async with Vllm() as server:
        resolve, _ = resolving(["127.0.0.1", METADATA])
        candidate = Candidate(source="configured", host="two.example", port=server.port, is_named=True)
        result = await scan([candidate], NO_CONSENT, resolve=resolve)

        assert [touched.refusal for touched in result.touched] == [Refusal.METADATA]
        assert server.log.connection_count == 0
    assert tried == []


async def test_a_name_that_changes_its_mind_is_asked_once_and_held_to_its_first_answer(tried: list[str]) -> None:
    async with Vllm() as server:
        resolve, asked = resolving(["127.0.0.1"], [METADATA], ["127.0.0.9"])
        candidate = Candidate(source="configured", host="rebinding.example", port=server.port, is_named=True)
        found = await identify(candidate, NO_CONSENT, resolve=resolve)

    assert found is not None
    assert (found.kind, found.host, found.address) == (ServiceKind.VLLM, "rebinding.example", "127.0.0.1")
    assert asked == ["rebinding.example"]
    assert set(tried) == {"127.0.0.1"}


async def test_an_accepted_name_that_turns_to_the_metadata_address_is_asked_no_more(tried: list[str]) -> None:
    resolve, _ = resolving([METADATA])

    report = await check_health(ServiceKind.VLLM, "http://rebinding.example:80", "sk-secret", resolve=resolve)

    assert report.detail == Refusal.METADATA
    assert tried == []
