"""Servers that flap, load, lock, turn into another product and move, over the wire and on a clock of the test's own."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from apps.discovery.contracts import Candidate, Health, HealthState, KnownService, Move, ServiceKind
from apps.discovery.engine.health import STALE_AFTER, advance, is_stale
from apps.discovery.engine.identity import match
from apps.discovery.engine.policy import Policy
from apps.discovery.scanning import check_health, identify
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.fleet.changing import Changing
from tests.doubles.fleet.llamacpp import LlamaCpp
from tests.doubles.fleet.localai import LocalAi
from tests.doubles.fleet.ollama import Ollama
from tests.doubles.fleet.vllm import Vllm

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
STEP = timedelta(seconds=10)
HEALTHY, OFFLINE, UNHEALTHY = HealthState.HEALTHY, HealthState.OFFLINE, HealthState.UNHEALTHY


class Watch:
    """Looks at one service again and again; each look is ten seconds after the last."""

    def __init__(self, kind: ServiceKind, url: str) -> None:
        self.kind, self.url, self.now, self.health = kind, url, NOW, Health()

    async def look(self, count: int = 1, key: str = "") -> list[HealthState]:
        """Look so many times and return the state after each."""
        states = []
        for _ in range(count):
            report = await check_health(self.kind, self.url, key)
            self.now += STEP
            self.health = advance(self.health, report, self.now, interval_s=STEP.total_seconds())
            states.append(self.health.state)
        return states


async def test_a_server_that_goes_is_offline_at_once_and_back_after_two_good_looks() -> None:
    async with Changing(Vllm()) as server:
        watch = Watch(ServiceKind.VLLM, server.url)
        before = await watch.look(2)
        await server.go_down()
        down = await watch.look()
        await server.come_back()
        back = await watch.look(3)

    assert (before[-1], down, back) == (HEALTHY, [OFFLINE], [OFFLINE, HEALTHY, HEALTHY])


async def test_a_server_that_flaps_shows_no_more_changes_than_it_deserves() -> None:
    async with Changing(Vllm()) as server:
        watch = Watch(ServiceKind.VLLM, server.url)
        states = await watch.look(2)
        for _ in range(4):
            await server.go_down()
            states += await watch.look()
            await server.come_back()
            states += await watch.look()

    changes = sum(one is not other for one, other in pairwise(states))
    assert changes == 1
    assert states[-1] is OFFLINE


async def test_a_server_that_resets_its_connections_degrades_before_it_is_called_unhealthy() -> None:
    async with Changing(Vllm()) as server:
        watch = Watch(ServiceKind.VLLM, server.url)
        await watch.look(2)
        server.face = None
        states = await watch.look(3)

    assert states == [HEALTHY, HealthState.DEGRADED, UNHEALTHY]


async def test_a_model_that_loads_is_warming_and_ready_with_the_first_good_look() -> None:
    async with LlamaCpp(is_loading=True) as server:
        watch = Watch(ServiceKind.LLAMACPP, server.url)
        loading = await watch.look(4)
        server.is_loading = False
        loaded = await watch.look()

    assert (set(loading), loaded) == ({HealthState.WARMING}, [HEALTHY])


async def test_a_server_that_asks_for_a_key_is_no_failure_and_well_again_with_it() -> None:
    face = Vllm()
    async with Changing(face) as server:
        watch = Watch(ServiceKind.VLLM, server.url)
        await watch.look(2)
        face.key = "sk-new"
        locked = await watch.look(2)
        unlocked = await watch.look(key="sk-new")

    assert (locked, unlocked) == ([HealthState.CONFIG_ERROR] * 2, [HEALTHY])
    assert watch.health.failure_count == 0


async def test_a_server_that_changes_its_models_lists_the_new_ones() -> None:
    face = Vllm("old-model")
    async with Changing(face) as server:
        before = await check_health(ServiceKind.VLLM, server.url, is_listing=True)
        face.serve("new-model")
        after = await check_health(ServiceKind.VLLM, server.url, is_listing=True)

    assert [[model.name for model in report.models or ()] for report in (before, after)] == [
        ["old-model"],
        ["new-model"],
    ]


async def test_a_server_that_turns_into_another_product_is_unhealthy_at_once_and_found_as_the_other() -> None:
    async with Changing(Ollama()) as server:
        watch = Watch(ServiceKind.OLLAMA, server.url)
        await watch.look(2)
        server.face = Vllm()
        turned = await watch.look()
        found = await identify(Candidate(source="t", host="127.0.0.1", port=server.port), Policy(now=NOW))

    assert turned == [UNHEALTHY]
    assert found is not None
    assert found.kind is ServiceKind.VLLM


async def test_a_server_that_turns_into_one_that_imitates_it_is_found_out_by_the_next_scan() -> None:
    async with Changing(Ollama()) as server:
        watch = Watch(ServiceKind.OLLAMA, server.url)
        await watch.look(2)
        server.face = LocalAi(as_ollama=True)
        looked = await watch.look()
        found = await identify(Candidate(source="t", host="127.0.0.1", port=server.port), Policy(now=NOW))

    assert looked == [HEALTHY], "it answers as Ollama does, so programs for Ollama go on"
    assert found is not None
    assert found.kind is ServiceKind.LOCALAI


async def test_a_server_with_a_name_from_the_deployment_is_followed_to_its_new_address() -> None:
    async with Changing(FakeOpenAI()) as server:
        named = Candidate(source="labels", host="127.0.0.1", port=server.port, identity="llm", is_named=True)
        before = await identify(named, Policy(now=NOW))
        await server.move("127.0.0.7")
        moved = Candidate(source="labels", host="127.0.0.7", port=server.port, identity="llm", is_named=True)
        after = await identify(moved, Policy(now=NOW))

    assert before is not None
    assert after is not None
    entry = KnownService(
        id="1", kind=before.kind, identity=before.identity, host=before.host, port=before.port, is_accepted=True, has_key=True
    )  # fmt: skip
    assert (match(after, [entry]).move, match(after, [entry]).service_id) == (Move.MOVED, "1")


async def test_a_server_that_is_gone_for_a_day_is_marked_and_not_before() -> None:
    async with Changing(Vllm()) as server:
        watch = Watch(ServiceKind.VLLM, server.url)
        await watch.look(2)
        seen_at = watch.now
        await server.go_down()
        await watch.look()

    assert watch.health.seen_at == seen_at
    assert not is_stale(watch.health, seen_at + STALE_AFTER - STEP)
    assert is_stale(watch.health, seen_at + STALE_AFTER)
