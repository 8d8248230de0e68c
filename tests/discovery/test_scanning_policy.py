"""What a scan makes of its candidates: which names are one place, what it accounts for, and what it tells meanwhile."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from apps.discovery.contracts import Candidate, Grant, Refusal, ServiceKind
from apps.discovery.engine.policy import HostUnknown, Policy
from apps.discovery.scanning import Limits, identify, scan
from apps.discovery.scanning.places import Resolve
from tests.doubles.fleet.ollama import Ollama

POLICY = Policy(now=datetime(2026, 11, 21, tzinfo=UTC))


def answering(*addresses: str) -> Resolve:
    """A name server that always says the same."""

    async def resolve(_: str) -> Sequence[str]:
        return addresses

    return resolve


@pytest.mark.parametrize("host", ["MyBox", "mybox.", "MYBOX.lan"])
async def test_a_name_is_found_however_it_is_written(host: str) -> None:
    async with Ollama() as server:
        candidate = Candidate(source="test", host=host, port=server.port, is_named=True)
        finding = await identify(candidate, POLICY, resolve=answering("127.0.0.1"))

    assert finding is not None
    assert finding.kind is ServiceKind.OLLAMA


async def test_a_name_without_an_address_and_one_that_never_answers_are_unknown() -> None:
    async def hang(_: str) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    named = Candidate(source="test", host="nowhere", port=80, is_named=True)
    with pytest.raises(HostUnknown):
        await identify(named, POLICY, resolve=answering())
    with pytest.raises(HostUnknown):
        await identify(named, POLICY, resolve=hang, limits=Limits(resolve_s=0.05))


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
