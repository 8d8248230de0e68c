"""What is refused gets no packet: names that point at refused addresses, names that change, ranges without consent."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from apps.discovery.contracts import Candidate, Grant, Refusal, ServiceKind
from apps.discovery.engine.policy import AddressNever, AddressNotGranted, HostUnknown, Policy
from apps.discovery.scanning import check_health, identify, scan
from tests.doubles.fleet.ollama import Ollama

POLICY = Policy(now=datetime(2026, 11, 21, tzinfo=UTC))


class Names:
    """Resolves as a test says; each look-up takes the next answer, the last one again and again."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.count = 0

    async def __call__(self, host: str) -> Sequence[str]:
        self.count += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def named(host: str, port: int = 80) -> Candidate:
    """A candidate whose host the owner named."""
    return Candidate(source="test", host=host, port=port, is_named=True)


@pytest.mark.parametrize("address", ["169.254.169.254", "8.8.8.8", "fe80::1", "0.0.0.0", "224.0.0.1"])
async def test_a_name_that_resolves_to_a_refused_address_is_refused_with_a_reason(address: str) -> None:
    async with Ollama() as server:
        with pytest.raises(AddressNever):
            await identify(named("trap", server.port), POLICY, resolve=Names([address]))

    assert server.log.connection_count == 0


async def test_a_name_with_one_good_and_one_refused_address_is_refused_whole() -> None:
    async with Ollama() as server:
        with pytest.raises(AddressNever):
            await identify(named("both", server.port), POLICY, resolve=Names(["127.0.0.1", "169.254.169.254"]))

    assert server.log.connection_count == 0


async def test_a_name_that_changes_its_mind_is_asked_once_and_held_to_its_first_answer() -> None:
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    async with Ollama() as server:
        finding = await identify(named("rebinding", server.port), POLICY, resolve=names)

    assert finding is not None
    assert (finding.address, finding.host) == ("127.0.0.1", "rebinding")
    assert names.count == 1


async def test_a_private_address_without_a_grant_is_refused_and_says_so() -> None:
    with pytest.raises(AddressNotGranted):
        await identify(Candidate(source="test", host="10.255.255.1", port=80), POLICY)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "", "no such host", "x" * 300, "a\x00b", "\ud800"])
async def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(HostUnknown):
        await identify(named(host), POLICY)


async def test_a_name_without_an_address_and_one_that_never_answers_are_unknown() -> None:
    async def hang(_: str) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    with pytest.raises(HostUnknown):
        await identify(named("nowhere"), POLICY, resolve=Names([]))
    with pytest.raises(HostUnknown):
        await identify(named("hangs"), POLICY, resolve=hang)


async def test_a_scan_accounts_for_what_it_left_alone() -> None:
    ended = Grant(id="g", cidr="10.0.0.0/24", ports=(80,), expires_at=POLICY.now - timedelta(1), reason="over")
    candidates = [Candidate(source="test", host=host, port=80) for host in ("10.0.0.1", "169.254.169.254", "1.1.1.1")]

    result = await scan(candidates, Policy(now=POLICY.now, grants=(ended,)))

    assert not result.findings
    assert {row.host: row.refusal for row in result.touched} == {
        "10.0.0.1": Refusal.NO_GRANT,
        "169.254.169.254": Refusal.METADATA,
        "1.1.1.1": Refusal.PUBLIC,
    }


async def test_a_scan_accounts_for_what_it_asked() -> None:
    async with Ollama() as server:
        port = server.port
        result = await scan([Candidate(source="test", host="localhost", port=port)], POLICY)

    (row,) = result.touched
    assert (row.host, row.address, row.open_ports) == ("127.0.0.1", "127.0.0.1", (port,))
    assert f"{port} GET /v1/models" in row.requests
    assert len(row.requests) == len(server.log.requests)
    assert row.received_bytes > 0


async def test_two_sources_and_two_names_of_one_server_are_one_finding() -> None:
    async with Ollama() as server:
        candidates = [
            Candidate(source="listeners", host="127.0.0.1", port=server.port, listens_on="0.0.0.0"),
            Candidate(source="labels", host="localhost", port=server.port, identity="box", is_named=True),
        ]
        result = await scan(candidates, POLICY)

    (finding,) = result.findings
    assert (finding.source, finding.is_identity_proven) == ("labels", True)
    assert "listens_on_all_addresses" in finding.risks


async def test_a_name_that_two_places_bear_is_that_of_neither() -> None:
    async with Ollama() as one, Ollama() as other:
        candidates = [
            Candidate(source="mdns", host="127.0.0.1", port=server.port, identity="box") for server in (one, other)
        ]
        alone = await identify(candidates[0], POLICY)
        result = await scan(candidates, POLICY)

    assert alone is not None
    assert len({finding.identity for finding in result.findings} | {alone.identity}) == 3


async def test_progress_is_told_place_by_place() -> None:
    told = []
    async with Ollama() as server:
        ports = (server.port, 1, 2)
        await scan([Candidate(source="t", host="127.0.0.1", port=port) for port in ports], POLICY, tell=told.append)

    assert [progress.done for progress in told] == [1, 2, 3]
    assert told[-1].total == 3
    assert told[-1].found == 1


async def test_a_check_of_health_refuses_what_a_scan_refuses() -> None:
    report = await check_health(
        ServiceKind.OLLAMA, "http://trap:11434", "sk-secret", resolve=Names(["169.254.169.254"])
    )

    assert report.detail == "metadata"
