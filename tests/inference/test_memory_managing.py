"""The decider over the wire: it learns, unloads, fetches, pins, and leaves alone what is not its own."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
import redis

from apps.inference.memory import managing, noting
from apps.inference.memory.managing import decide_memory, load_now
from apps.inference.memory.noting import KEPT, exchange_notes, keep_alive_for
from apps.inference.memory.pinning import pin_model, unpin_model
from apps.inference.memory.shown import memory_of
from apps.inference.models import Provider
from apps.inference.options import MEMORY_MANAGER
from apps.inference.pool import POOL
from apps.inference.pool.backends import stored_backends
from olympus.kernel.options import change_option
from olympus.kernel.valkey import valkey
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.ollama_memory import FOREVER_S
from tests.doubles.remembering_ollama import RememberingOllama
from tests.inference.memory_support import MODEL, called, forget_all, provide, server
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
# A model that is asked every half hour, the last time 100 s ago.
EVERY_HALF_HOUR = [100.0 + nth * 1805 for nth in range(12, -1, -1)]


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


@pytest.fixture
def ollama(in_background: Callable[..., RememberingOllama]) -> RememberingOllama:
    return in_background(server())


@pytest.fixture
def provider(owner: Someone, ollama: RememberingOllama) -> Provider:
    return provide(owner, ollama.url)


def at_once(provider_id: UUID, model: str, keep_s: int) -> None:
    load_now(provider_id, model, keep_s)


def decide() -> int:
    return decide_memory(at_once)


def test_an_idle_model_that_will_not_be_asked_soon_is_unloaded(provider: Provider, ollama: RememberingOllama) -> None:
    ollama.memory.keep(MODEL, 200)
    called(provider, EVERY_HALF_HOUR)

    decide()

    assert MODEL not in ollama.memory.held


def test_a_model_that_is_expected_is_fetched(provider: Provider, ollama: RememberingOllama) -> None:
    called(provider, [ago + 1680 for ago in EVERY_HALF_HOUR])
    ollama.memory.keep(MODEL, 5)
    decide()
    ollama.memory.keep(MODEL, 0)

    decide()

    assert MODEL in ollama.memory.held
    assert ollama.memory.held[MODEL].keep_s < 300


def test_calls_say_what_was_decided(provider: Provider) -> None:
    called(provider, EVERY_HALF_HOUR)
    decide()

    exchange_notes(valkey())

    kept_s = keep_alive_for(provider.pk, MODEL)
    assert kept_s is not None
    assert kept_s < 60
    assert keep_alive_for(provider.pk, "other:latest") is None


def test_what_is_in_flight_stays(provider: Provider, ollama: RememberingOllama) -> None:
    ollama.memory.keep(MODEL, 200)
    called(provider, EVERY_HALF_HOUR)
    noting.note_begin(provider.pk, MODEL)

    decide()

    assert MODEL in ollama.memory.held


def test_what_nobody_here_ever_called_stays(provider: Provider, ollama: RememberingOllama) -> None:
    ollama.memory.keep("other:latest", 10_000)
    called(provider, EVERY_HALF_HOUR)

    decide()

    assert "other:latest" in ollama.memory.held


def test_what_others_keep_longer_than_was_said_stays(provider: Provider, ollama: RememberingOllama) -> None:
    ollama.memory.keep(MODEL, 3000)
    called(provider, EVERY_HALF_HOUR)

    decide()

    assert MODEL in ollama.memory.held


def test_what_was_pinned_at_the_server_stays_and_is_shown_so(
    provider: Provider, ollama: RememberingOllama, owner: Someone
) -> None:
    ollama.memory.keep(MODEL, FOREVER_S)
    called(provider, EVERY_HALF_HOUR)

    decide()

    shown = memory_of(owner.actor.organization_id)
    assert MODEL in ollama.memory.held
    assert [(each.model, each.is_held, each.until) for each in shown] == [(MODEL, True, None)]


def test_a_pinned_model_is_loaded_and_let_go_when_it_is_not_any_more(
    provider: Provider, ollama: RememberingOllama, owner: Someone
) -> None:
    pin = pin_model(owner.actor, provider_id=provider.pk, model="model")
    decide()
    decide()
    pinned = ollama.memory.held[MODEL].keep_s
    shown = memory_of(owner.actor.organization_id)
    unpin_model(owner.actor, pin_id=pin.pk)

    decide()

    assert pinned == FOREVER_S
    assert [(each.model, each.is_pinned, each.is_held) for each in shown] == [(MODEL, True, False)]
    assert ollama.memory.held[MODEL].keep_s == 300


def test_one_decides_at_a_time(provider: Provider, ollama: RememberingOllama) -> None:
    valkey().set(managing._LOCK, "somebody else", ex=60)
    ollama.memory.keep(MODEL, 200)
    called(provider, EVERY_HALF_HOUR)

    decide()

    assert MODEL in ollama.memory.held


def test_turned_off_it_leaves_memory_to_the_servers(provider: Provider, ollama: RememberingOllama) -> None:
    ollama.memory.keep(MODEL, 200)
    called(provider, EVERY_HALF_HOUR)
    valkey().set(KEPT, b'{"%s":{"%s":7.0}}' % (provider.pk.hex.encode(), MODEL.encode()))
    change_option(MEMORY_MANAGER.name, False, changed_by_id=None)

    decide()

    exchange_notes(valkey())
    assert MODEL in ollama.memory.held
    assert keep_alive_for(provider.pk, MODEL) is None


def test_after_a_flush_servers_keep_models_as_they_like_until_enough_was_seen(provider: Provider) -> None:
    called(provider, EVERY_HALF_HOUR)
    decide()
    exchange_notes(valkey())
    forget_all()

    decide()

    exchange_notes(valkey())
    assert keep_alive_for(provider.pk, MODEL) is None


def test_a_server_that_is_away_or_unreadable_notes_do_no_harm(owner: Someone, provider: Provider) -> None:
    provide(owner, "http://127.0.0.1:9")
    valkey().rpush(noting.CALLS, b"garbage", b"[1]")
    valkey().hset(noting.FLIGHTS, "somebody", b"\xff")
    called(provider, EVERY_HALF_HOUR)

    decide()

    exchange_notes(valkey())
    assert keep_alive_for(provider.pk, MODEL) is not None


def test_a_call_is_noted_by_the_pool(owner: Someone, provider: Provider) -> None:
    backend = next(each for each in stored_backends(owner.actor.organization_id) if each.info.name == MODEL)

    ticket = POOL.begin(backend)
    begun = list(noting._notes)
    ticket.end()
    ticket.end()

    assert [(note[0], note[1], note[3]) for note in begun] == [(provider.pk, MODEL, 1)]
    assert [note[3] for note in noting._notes] == [1, -1]


def test_without_valkey_calls_say_nothing(provider: Provider) -> None:
    called(provider, EVERY_HALF_HOUR)
    decide()
    exchange_notes(valkey())
    before = keep_alive_for(provider.pk, MODEL)

    with pytest.raises(redis.ConnectionError):
        exchange_notes(redis.Redis(port=9))

    assert before is not None
    assert keep_alive_for(provider.pk, MODEL) is None


def test_a_pinned_model_that_was_removed_is_not_asked_for(
    owner: Someone, provider: Provider, ollama: RememberingOllama
) -> None:
    pin_model(owner.actor, provider_id=provider.pk, model="model")
    Provider.objects.filter(pk=provider.pk).update(catalog=[])

    decide()

    assert not any(request.path == "/api/generate" for request in ollama.log.requests)


def test_a_model_that_cannot_be_loaded_is_not_asked_for_at_every_turn(
    owner: Someone, provider: Provider, ollama: RememberingOllama
) -> None:
    pin_model(owner.actor, provider_id=provider.pk, model="model")
    del ollama.models[MODEL]

    for _ in range(3):
        decide()

    assert len([request for request in ollama.log.requests if request.path == "/api/generate"]) == 1


def test_what_is_expected_is_told_and_is_not_taken_for_loaded(
    owner: Someone, provider: Provider, ollama: RememberingOllama
) -> None:
    called(provider, [ago + 1000 for ago in EVERY_HALF_HOUR])
    ollama.memory.keep(MODEL, 5)
    decide()
    ollama.memory.keep(MODEL, 0)

    decide()

    (shown,) = memory_of(owner.actor.organization_id)
    assert (shown.model, shown.is_loaded, shown.until) == (MODEL, False, None)
    assert shown.used_at is not None
    assert shown.expected_at is not None
    assert 1000 < (shown.expected_at - shown.used_at).total_seconds() < 1900


def test_a_server_that_tells_nonsense_of_its_memory_disturbs_no_other(
    owner: Someone, provider: Provider, ollama: RememberingOllama, in_background: Callable[..., FakeOllama]
) -> None:
    liar = in_background(FakeOllama())
    lies = [
        {"name": "x\0" * 500, "size": 10**30, "size_vram": 10**25, "expires_at": "0001-01-01T00:00:00+23:59"},
        {"name": "y", "size": -5, "expires_at": "never"},
    ]
    liar._answers["GET /api/ps"] = lambda _request, connection: connection.send_json({"models": lies * 1000})
    provide(owner, liar.url)
    ollama.memory.keep(MODEL, 200)
    called(provider, EVERY_HALF_HOUR)

    decide()

    assert MODEL not in ollama.memory.held
    assert len(memory_of(owner.actor.organization_id)) < 10
