"""Memory over REST: who sees and changes it, what it tells, and bad input."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from apps.inference.memory.remembering import Seen, remember
from apps.inference.models import MemoryPin
from olympus.kernel.metrics import rendered
from olympus.kernel.models import AuditEntry
from olympus.kernel.valkey import valkey
from tests.inference.memory_support import MODEL, a_pin, forget_all, provide
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/memory"
PINS = "/api/v1/memory/pins"


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


@pytest.fixture
def browser(owner: Someone) -> Client:
    return owner.client()


def post(browser: Client, **body: object) -> int:
    return browser.post(PINS, body, content_type="application/json").status_code


def test_it_tells_what_is_loaded_and_what_is_pinned(owner: Someone, browser: Client) -> None:
    provider = provide(owner, "http://127.0.0.1:9", name="Here")
    seen = {provider.pk.hex: [Seen(MODEL, 4_000_000_000, 1_795_000_000.0, 2.5, 1)]}
    remember(valkey(), {}, seen, {provider.pk.hex: {MODEL: 60.0}})
    pinned = a_pin(owner)

    told = browser.get(ADDRESS).json()

    by_name = {row["provider_name"]: row for row in told["results"]}
    assert told["is_managed"] is True
    assert by_name["Here"]["size_bytes"] == 4_000_000_000
    assert by_name["Here"]["until"].startswith("2026-11-")
    assert (by_name["Here"]["hot"], by_name["Here"]["in_flight"], by_name["Here"]["pin"]) == (2.5, 1, None)
    assert by_name[pinned.provider.name] | {"is_loaded": False, "pin": str(pinned.pk)} == by_name[pinned.provider.name]


def test_reading_costs_few_queries(
    owner: Someone, browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        a_pin(owner)

    with django_assert_max_num_queries(8):
        browser.get(ADDRESS)


def test_a_model_is_pinned_once_and_let_go(owner: Someone, browser: Client) -> None:
    provider = provide(owner, "http://127.0.0.1:9")

    statuses = [post(browser, provider=str(provider.pk), model="model") for _ in range(2)]
    pin = MemoryPin.objects.get()
    gone = [browser.delete(f"{PINS}/{pin.pk}").status_code for _ in range(2)]

    assert statuses == [201, 201]
    assert (pin.model, pin.organization_id) == (MODEL, owner.actor.organization_id)
    assert gone == [204, 404]
    assert AuditEntry.objects.filter(action__startswith="memory.").count() == 2


@pytest.mark.parametrize("model", ["", "nothing", "x" * 201, "a\x00b", 7, None, ["model"], {"a": 1}])
def test_a_model_the_server_does_not_have_is_refused_in_words(owner: Someone, browser: Client, model: object) -> None:
    provider = provide(owner, "http://127.0.0.1:9")

    assert post(browser, provider=str(provider.pk), model=model) in {400, 422}


def test_only_ollama_is_asked_to_keep_models(owner: Someone, browser: Client) -> None:
    provider = provide(owner, "http://127.0.0.1:9", kind="openai")

    assert post(browser, provider=str(provider.pk), model="model") in {400, 422}


def test_a_member_neither_sees_nor_changes_it(owner: Someone, member: Someone) -> None:
    pin = a_pin(owner)
    browser = member.client()

    assert browser.get(ADDRESS).status_code == 403
    assert post(browser, provider=str(pin.provider_id), model="model") == 403
    assert browser.delete(f"{PINS}/{pin.pk}").status_code == 403


def test_a_stranger_finds_nothing_of_it(owner: Someone, stranger: Someone) -> None:
    pin = a_pin(owner)
    browser = stranger.client()

    assert browser.get(ADDRESS).json()["results"] == []
    assert post(browser, provider=str(pin.provider_id), model="model") == 404
    assert browser.delete(f"{PINS}/{pin.pk}").status_code == 404
    assert MemoryPin.objects.filter(pk=pin.pk).exists()


def test_prometheus_is_told(owner: Someone) -> None:
    provider = provide(owner, "http://127.0.0.1:9", name="Here")
    remember(valkey(), {}, {provider.pk.hex: [Seen(MODEL, 4096, None, 2.5)]}, {})

    text = rendered().decode()

    assert 'olympus_memory_bytes{model="model:latest",provider="Here"} 4096.0' in text
    assert 'olympus_memory_hot{model="model:latest",provider="Here"} 2.5' in text
