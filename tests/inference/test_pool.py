"""Tickets, ranking and which servers have a model."""

import asyncio
import threading
import time
import uuid

import pytest
from django.db import connection

from apps.inference.contracts import Capability, ModelInfo, ProviderKind
from apps.inference.errors import ProviderRateLimited, ProviderUnauthorized, ProviderUnreachable
from apps.inference.models import Provider, catalog_of
from apps.inference.pool import Backend, Need, Pool, backends_of
from tests.support.cast import Someone

CHAT = frozenset({Capability.CHAT})


class Clock:
    """Time as the test tells it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def servers(clock: Clock) -> Pool:
    return Pool(clock)


def backend(name: str, **values: object) -> Backend:
    provider_id = uuid.uuid4()
    defaults: dict[str, object] = {
        "provider_id": provider_id, "name": name, "kind": ProviderKind.OLLAMA, "base_url": "http://127.0.0.1:9",
        "info": ModelInfo("m", CHAT), "priority": 10, "weight": 10, "context_length": 8192,
        "number": provider_id.int & 0xFFFFFFFF, "is_loaded": True, "_make": lambda: None,
    }  # fmt: skip
    return Backend(**{**defaults, **values})  # type: ignore[arg-type]


def provide(someone: Someone, name: str, *infos: ModelInfo, **values: object) -> Provider:
    defaults = {"kind": "ollama", "base_url": "http://127.0.0.1:9", "catalog": catalog_of(list(infos))}
    return Provider.objects.create(organization_id=someone.actor.organization_id, name=name, **{**defaults, **values})


def names(found: "list[Backend] | tuple[Backend, ...]") -> list[str]:
    return [each.name for each in found]


def test_the_server_with_the_least_to_do_is_asked(servers: Pool) -> None:
    one, two = backend("one"), backend("two")
    ticket = servers.begin(one)

    assert names(servers.rank([one, two], Need()).backends) == ["two", "one"]
    ticket.end(None)
    assert servers.watched[one.provider_id].in_flight == 0


def test_ending_a_ticket_twice_counts_once(servers: Pool) -> None:
    one = backend("one")
    first, second = servers.begin(one), servers.begin(one)

    first.end(None)
    first.end(ProviderUnreachable())

    assert servers.watched[one.provider_id].in_flight == 1
    second.end(None)


def test_a_quick_server_is_preferred_to_one_that_is_clearly_slower(servers: Pool, clock: Clock) -> None:
    slow, quick = backend("slow"), backend("quick")
    for each, seconds in ((slow, 3.0), (quick, 0.2)):
        ticket = servers.begin(each)
        clock.now += seconds
        ticket.first_token()
        ticket.end(None)

    ranking = servers.rank([slow, quick], Need())

    assert names(ranking.backends) == ["quick", "slow"]
    assert ranking.reasons == ("quick begins to answer the soonest (after 0.2 s).",)


def test_a_slow_server_is_tried_again_after_a_while(servers: Pool, clock: Clock) -> None:
    slow, quick = backend("slow"), backend("quick")
    for each, seconds in ((slow, 3.0), (quick, 0.2)):
        ticket = servers.begin(each)
        clock.now += seconds
        ticket.first_token()
        ticket.end(None)

    clock.now += 130

    firsts = {servers.rank([slow, quick], Need()).backends[0].name for _ in range(200)}
    assert firsts == {"slow", "quick"}


def test_a_call_given_up_before_it_began_says_nothing(servers: Pool) -> None:
    one = backend("one")

    for _ in range(20):
        servers.begin(one).end(None)

    assert servers.watched[one.provider_id].facts.answered_at == 0


def test_failing_servers_are_left_out_with_a_reason_and_come_last(servers: Pool) -> None:
    dead, asked_too_often, well = backend("dead"), backend("tired"), backend("well")
    for _ in range(5):
        servers.begin(dead).end(ProviderUnreachable())
    servers.begin(asked_too_often).end(ProviderRateLimited(retry_after_s=9))

    ranking = servers.rank([dead, asked_too_often, well], Need())

    assert names(ranking.backends) == ["well", "tired", "dead"]
    assert ranking.reasons == (
        "well is the one that can be asked now.",
        "dead failed several times and is left alone for a while.",
        "tired asked for a pause.",
    )


def test_a_half_open_circuit_gets_one_call_and_two_answers_close_it(servers: Pool, clock: Clock) -> None:
    shaky, well = backend("shaky", priority=1), backend("well")
    for _ in range(5):
        servers.begin(shaky).end(ProviderUnreachable())
    clock.now += 31

    probe = servers.begin(servers.rank([shaky, well], Need()).backends[0])
    others = [servers.rank([shaky, well], Need()).backends[0].name for _ in range(3)]
    for ticket in (probe, None):
        ticket = ticket or servers.begin(shaky)
        ticket.first_token()
        ticket.end(None)

    assert others == ["well"] * 3
    assert servers.watched[shaky.provider_id].facts.circuit.is_open is False
    assert servers.rank([shaky, well], Need()).backends[0].name == "shaky"


def test_the_last_server_is_never_left_out(servers: Pool) -> None:
    only = backend("only")
    for _ in range(50):
        servers.begin(only).end(ProviderUnreachable())

    ranking = servers.rank([only], Need())

    assert names(ranking.backends) == ["only"]


def test_many_threads_leave_the_count_right(servers: Pool) -> None:
    one = backend("one")

    def work() -> None:
        for _ in range(200):
            ticket = servers.begin(one)
            ticket.first_token()
            ticket.end(None)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert servers.watched[one.provider_id].in_flight == 0


@pytest.mark.django_db(transaction=True)
def test_all_enabled_servers_of_the_organization_that_have_the_model_are_found(
    owner: Someone, stranger: Someone
) -> None:
    provide(owner, "One", ModelInfo("llama:latest", CHAT))
    provide(owner, "Two", ModelInfo("llama", CHAT), ModelInfo("other", CHAT), kind="openai")
    provide(owner, "Off", ModelInfo("llama", CHAT), is_enabled=False)
    provide(stranger, "Theirs", ModelInfo("llama", CHAT))

    async def find() -> dict[str, list[str]]:
        asked = ("llama", "llama:latest", "Two/llama", "One/llama", "Theirs/llama", "nothing", "olympus-builtin")
        return {name: names(await backends_of(owner.actor.organization_id, name)) for name in asked}

    assert asyncio.run(find()) == {
        "llama": ["One", "Two"],
        "llama:latest": ["One", "Two"],
        "Two/llama": ["Two"],
        "One/llama": ["One"],
        "Theirs/llama": [],
        "nothing": [],
        "olympus-builtin": ["Olympus"],
    }


@pytest.mark.django_db(transaction=True)
def test_each_server_is_asked_by_its_own_name_and_within_its_own_length(owner: Someone) -> None:
    provide(owner, "One", ModelInfo("llama:latest", CHAT, 131072))
    provide(owner, "Two", ModelInfo("llama", CHAT, 32768), kind="openai", priority=3, weight=7)

    one, two = asyncio.run(backends_of(owner.actor.organization_id, "llama"))

    assert (one.info.name, one.context_length, one.is_loaded) == ("llama:latest", 8192, False)
    assert (two.info.name, two.context_length, two.is_loaded) == ("llama", 32768, True)
    assert (two.priority, two.weight) == (3, 7)
    assert [type(each.client).__name__ for each in (one, two)] == ["OllamaClient", "OpenAICompatibleClient"]


@pytest.mark.django_db(transaction=True)
def test_a_provider_turned_off_is_not_asked_again(owner: Someone) -> None:
    provider = provide(owner, "One", ModelInfo("llama", CHAT))
    organization_id = owner.actor.organization_id

    before = asyncio.run(backends_of(organization_id, "llama"))
    provider.is_enabled = False
    provider.save()

    assert names(before) == ["One"]
    assert asyncio.run(backends_of(organization_id, "llama")) == []


@pytest.mark.django_db(transaction=True)
def test_a_read_that_a_change_overtakes_is_not_kept(owner: Someone) -> None:
    provider = provide(owner, "One", ModelInfo("llama", CHAT))
    organization_id = owner.actor.organization_id

    async def ask() -> list[Backend]:
        reading = asyncio.create_task(backends_of(organization_id, "llama"))
        await asyncio.sleep(0)
        time.sleep(0.2)  # noqa: ASYNC251 - the rows are read in a thread, and the loop is too busy to hear of it
        change = threading.Thread(target=turn_off, args=[provider])
        change.start()
        change.join()
        await reading
        return await backends_of(organization_id, "llama")

    assert asyncio.run(ask()) == []


def turn_off(provider: Provider) -> None:
    provider.is_enabled = False
    provider.save()
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_many_calls_at_once_read_the_rows_once(owner: Someone) -> None:
    provide(owner, "One", ModelInfo("llama", CHAT))
    reads: list[list[Backend]] = []

    async def ask() -> None:
        reads.extend(await asyncio.gather(*(backends_of(owner.actor.organization_id, "llama") for _ in range(100))))

    asyncio.run(ask())

    assert len({id(found[0]) for found in reads}) == 1


@pytest.mark.django_db(transaction=True)
def test_a_server_whose_key_cannot_be_read_says_so_when_it_is_used(owner: Someone) -> None:
    provider = provide(owner, "One", ModelInfo("llama", CHAT), kind="openai", api_key="sk-1")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inference_provider SET api_key = 'nonsense:AAAA' WHERE id = %s", [provider.pk])

    (found,) = asyncio.run(backends_of(owner.actor.organization_id, "llama"))

    with pytest.raises(ProviderUnauthorized, match="Enter it again"):
        found.client  # noqa: B018 - making it is what fails
