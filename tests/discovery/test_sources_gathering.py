"""All sources asked at once: each place once, and one that fails costs nothing of the others."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from apps.discovery.contracts import Candidate, Grant, ServiceKind
from apps.discovery.sources import registry
from apps.discovery.sources.context import ConfiguredAddress, Named, SourceContext
from apps.discovery.sources.names import resolve
from apps.discovery.sources.registry import SOURCES, each_place_once, gather_candidates

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def another_source() -> Iterator[dict[str, registry.Source]]:
    """The registry, to add a source to for one test."""
    before = dict(SOURCES)
    yield SOURCES
    SOURCES.clear()
    SOURCES.update(before)


def test_a_place_several_sources_name_is_taken_from_the_first_with_what_the_others_know() -> None:
    first = Candidate(source="configured", host="localhost", port=11434, name="The NAS")
    again = Candidate(source="listeners", host="127.0.0.1", port=11434, listens_on="0.0.0.0", kind=ServiceKind.OLLAMA)
    other = Candidate(source="labels", host="localhost", port=11434, path="/mcp")
    programs = [Candidate(source="mcp_config", command=("a",)), Candidate(source="mcp_config", command=("b",))]

    found = list(each_place_once([[first, other], [again, *programs, *programs], iter([again, other])]))

    assert found == [replace(first, listens_on="0.0.0.0", kind=ServiceKind.OLLAMA), other, *programs]


async def test_what_the_owner_entered_comes_before_what_was_looked_for() -> None:
    grants = (Grant(id="1", cidr="127.0.0.0/30", ports=(11434,), expires_at=NOW + timedelta(days=1), reason="lab"),)
    context = SourceContext(now=NOW, configured=(ConfiguredAddress(address="127.0.0.1:11434"),), grants=grants)

    named = await gather_candidates(context, {"configured", "loopback", "networks"})

    found = [each.source for each in named.candidates if each.port == 11434]
    assert found == ["configured", "networks"]


async def test_a_source_that_fails_or_hangs_is_a_problem_and_the_others_answer(
    another_source: dict[str, registry.Source],
) -> None:
    async def failing(_: SourceContext) -> Named:
        raise RuntimeError("hunter2")

    async def hanging(_: SourceContext) -> Named:
        await asyncio.sleep(60)
        return Named()

    another_source.update(failing=failing, hanging=hanging)
    context = SourceContext(now=NOW, configured=(ConfiguredAddress(address="nas:1"),))

    named = await gather_candidates(context, {"configured", "failing", "hanging"}, limit_s=0.05)

    assert [each.host for each in named.candidates] == ["nas"]
    assert [problem.source for problem in named.problems] == ["failing", "hanging"]
    assert "hunter2" not in repr(named.problems)


async def test_every_source_answers_on_a_machine_that_has_nothing() -> None:
    named = await gather_candidates(SourceContext(now=NOW, is_autodetecting=False))

    assert list(named.candidates) == []
    assert named.problems == ()


async def test_names_are_asked_of_the_machines_own_resolver() -> None:
    known = await resolve("localhost")

    assert known is not None
    assert set(known.addresses) <= {"127.0.0.1", "::1"}
    assert await resolve("a" * 300) is None
