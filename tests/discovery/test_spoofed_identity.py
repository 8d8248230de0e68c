"""A server that takes on the identity of another: it gets neither that one's place nor its key."""

from collections.abc import Sequence
from datetime import UTC, datetime

from apps.discovery.contracts import Candidate, Finding, KnownService, Move, Risk
from apps.discovery.engine.identity import match
from apps.discovery.engine.policy import (
    Policy,
)
from apps.discovery.scanning import identify
from tests.doubles.fleet.everything import running
from tests.doubles.fleet.olympus import Olympus
from tests.doubles.fleet.vllm import Vllm

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NO_CONSENT = Policy(now=NOW)


async def test_a_server_that_takes_on_anothers_identity_neither_moves_its_entry_nor_gets_its_key() -> None:
    async with running({"real": Olympus(), "spoofed": Olympus()}) as servers:
        candidates = [Candidate(source="t", host="127.0.0.1", port=server.port) for server in servers.values()]
        real, spoofed = await _each(candidates)
        entry = _entry(real)

        assert match(real, [entry]).move is Move.SAME
        assert match(spoofed, [entry]).move is Move.CONTESTED
        assert Risk.CLAIMED_IDENTITY in spoofed.risks
        asked = servers["spoofed"].log.requests
        assert not [request for request in asked if "authorization" in request.headers]


async def test_a_name_shouted_into_the_network_moves_no_accepted_entry() -> None:
    async with running({"real": Vllm(), "spoofed": Vllm()}) as servers:
        real, spoofed = await _each(
            [
                Candidate(source="mdns", host="127.0.0.1", port=server.port, identity="workstation", name="workstation")
                for server in servers.values()
            ]
        )

    assert real.identity == spoofed.identity
    assert not spoofed.is_identity_proven
    assert match(spoofed, [_entry(real)]).move is Move.CONTESTED


async def _each(candidates: Sequence[Candidate]) -> list[Finding]:
    found = [await identify(candidate, NO_CONSENT, instance="f" * 24) for candidate in candidates]
    assert all(found)
    return [each for each in found if each is not None]


def _entry(finding: Finding) -> KnownService:
    return KnownService(
        id="1",
        kind=finding.kind,
        identity=finding.identity,
        host=finding.host,
        port=finding.port,
        is_accepted=True,
        has_key=True,
    )
