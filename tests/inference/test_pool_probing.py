"""Looks at model servers: what they cost, what they find, and that one round runs at a time."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from apps.inference import services
from apps.inference.contracts import Capability, ModelInfo, ProviderKind
from apps.inference.engine.health import Outcome, State, condition_of
from apps.inference.models import Provider, catalog_of
from apps.inference.pool import POOL, probing
from apps.inference.tasks import look_at_servers
from olympus.kernel.valkey import valkey
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.http_server import Connection, HttpServer, Request
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
CHAT = frozenset({Capability.CHAT})
NOWHERE = "http://127.0.0.1:9"


class Answering(HttpServer):
    """Gives every request one answer, or none."""

    def __init__(self, status: int | None, body: object = None) -> None:
        super().__init__()
        self.status, self.body = status, body

    def handle(self, request: Request, connection: Connection) -> None:
        if self.status is not None:
            connection.send_json(self.body or {}, self.status)


@pytest.fixture(autouse=True)
def unlocked() -> Iterator[None]:
    valkey().delete(probing._LOCK)
    yield
    valkey().delete(probing._LOCK)


def provide(owner: Someone, url: str, kind: ProviderKind = ProviderKind.OLLAMA, **values: object) -> Provider:
    defaults = {"name": uuid.uuid4().hex[:8], "catalog": catalog_of([ModelInfo("fake:latest", CHAT, 131072)])}
    return Provider.objects.create(
        organization_id=owner.actor.organization_id, kind=kind.value, base_url=url, **{**defaults, **values}
    )


def state_of(provider: Provider) -> State:
    return condition_of(POOL.watched[provider.pk].facts, POOL.now()).state


def test_a_look_asks_ollama_for_nothing_that_loads_a_model(
    owner: Someone, in_background: Callable[..., FakeOllama]
) -> None:
    server = in_background(FakeOllama())
    provider = provide(owner, server.url)

    look_at_servers()

    assert {f"{each.method} {each.path}" for each in server.log.requests} == {"GET /api/version", "GET /api/ps"}
    assert state_of(provider) is State.HEALTHY


def test_a_look_asks_an_openai_server_for_its_list_alone(
    owner: Someone, in_background: Callable[..., FakeOpenAI]
) -> None:
    server = in_background(FakeOpenAI(key="sk-1"))
    provider = provide(owner, server.base_url, ProviderKind.OPENAI, api_key="sk-1")

    look_at_servers()

    assert {f"{each.method} {each.path}" for each in server.log.requests} == {"GET /v1/models"}
    assert state_of(provider) is State.HEALTHY


def test_what_ollama_has_in_memory_is_stored_with_its_context(
    owner: Someone, in_background: Callable[..., FakeOllama]
) -> None:
    server = in_background(FakeOllama())
    provider = provide(owner, server.url)
    server.loaded = ["fake:latest"]

    look_at_servers()
    (loaded,) = Provider.objects.get(pk=provider.pk).infos
    server.loaded = []
    look_at_servers()
    (unloaded,) = Provider.objects.get(pk=provider.pk).infos

    assert (loaded.is_loaded, loaded.context_length) == (True, 4096)
    assert unloaded.is_loaded is False


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (401, {"error": "no"}, State.CONFIG_ERROR),
        (403, {"error": "no"}, State.CONFIG_ERROR),
        (429, {"error": "slow down"}, State.RATE_LIMITED),
        (503, {"error": {"message": "Loading model", "code": 503}}, State.WARMING),
        (500, {"error": "broken"}, State.DEGRADED),
        (None, None, State.DEGRADED),
    ],
)
def test_an_answer_to_a_look_means(
    owner: Someone, in_background: Callable[..., Answering], status: int | None, body: object, state: State
) -> None:
    server = in_background(Answering(status, body))
    provider = provide(owner, f"{server.url}/v1", ProviderKind.OPENAI)

    look_at_servers()

    assert state_of(provider) is state


def test_a_server_that_is_not_there_is_offline_and_back_when_it_answers(
    owner: Someone, in_background: Callable[..., FakeOllama]
) -> None:
    provider = provide(owner, NOWHERE)
    look_at_servers()
    before = state_of(provider)

    Provider.objects.filter(pk=provider.pk).update(base_url=in_background(FakeOllama()).url)
    look_at_servers()

    assert (before, state_of(provider)) == (State.OFFLINE, State.HEALTHY)


def test_a_server_that_is_not_used_is_not_looked_at(owner: Someone, in_background: Callable[..., FakeOllama]) -> None:
    server = in_background(FakeOllama())
    provide(owner, server.url, is_enabled=False)

    look_at_servers()

    assert not server.log.requests


def test_a_round_does_not_begin_while_another_runs(owner: Someone, in_background: Callable[..., FakeOllama]) -> None:
    server = in_background(FakeOllama())
    provide(owner, server.url)
    valkey().set(probing._LOCK, "another", ex=60)

    looked = probing.look_at_servers()

    assert (looked, list(server.log.requests)) == (0, [])
    assert valkey().get(probing._LOCK) == b"another"


def test_a_round_leaves_no_lock_behind(owner: Someone) -> None:
    provide(owner, NOWHERE)

    assert (probing.look_at_servers(), probing.look_at_servers()) == (1, 1)
    assert valkey().get(probing._LOCK) is None


def test_a_server_far_away_is_looked_at_less_often(owner: Someone) -> None:
    provider = provide(owner, "http://model-server.invalid:1234")

    POOL.note_probe(provider.pk, Outcome.ANSWERED, None)

    assert probing.look_at_servers() == 0


def test_a_key_that_cannot_be_read_is_a_configuration_error(owner: Someone) -> None:
    provider = provide(owner, NOWHERE, api_key="sk-1")

    with connection.cursor() as cursor:
        cursor.execute("UPDATE inference_provider SET api_key = 'nonsense:AAAA' WHERE id = %s", [provider.pk])

    look_at_servers()

    assert state_of(provider) is State.CONFIG_ERROR


def test_what_is_known_of_a_removed_server_is_forgotten(owner: Someone) -> None:
    provider = provide(owner, NOWHERE)
    look_at_servers()
    provider_id = provider.pk

    provider.delete()
    look_at_servers()

    assert provider_id not in POOL.watched


@pytest.mark.django_db(transaction=True)
def test_a_new_key_gives_a_refused_server_another_chance(
    owner: Someone, in_background: Callable[..., FakeOpenAI]
) -> None:
    server = in_background(FakeOpenAI(key="sk-right"))
    provider = provide(owner, server.base_url, ProviderKind.OPENAI, api_key="sk-wrong")
    look_at_servers()
    before = state_of(provider)

    services.change_provider(owner.actor, provider_id=provider.pk, api_key="sk-right")
    between = state_of(provider)
    services.test_provider(owner.actor, provider_id=provider.pk)

    assert (before, between, state_of(provider)) == (State.CONFIG_ERROR, State.UNKNOWN, State.HEALTHY)
