"""The price table: who changes it, and what it may say."""

from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.inference.models import Price, Provider
from apps.inference.pricing import PriceTable, add_price, change_price, forget_prices, read_table, remove_price
from olympus.kernel.errors import Conflict, Denied, Invalid, NotFound
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Prices are remembered for a second, which is longer than a test."""
    forget_prices()


def server(
    who: Someone, name: str = "Cloud", kind: str = "openai", base_url: str = "https://api.example.com"
) -> Provider:
    return Provider.objects.create(organization_id=who.actor.organization_id, name=name, kind=kind, base_url=base_url)


def test_a_price_is_stored_changed_and_removed(owner: Someone) -> None:
    price = add_price(owner.actor, pattern="gpt-*", input_usd=Decimal("2.5"), output_usd=Decimal(10))
    change_price(owner.actor, price_id=price.pk, cached_usd=Decimal("1.25"))

    (row,) = read_table(owner.actor.organization_id).rows
    remove_price(owner.actor, price_id=price.pk)

    assert (row.input, row.cached, row.output) == (2_500_000_000, 1_250_000_000, 10_000_000_000)
    assert read_table(owner.actor.organization_id) == PriceTable()


def test_one_price_a_pattern_and_server(owner: Someone) -> None:
    provider = server(owner)
    add_price(owner.actor, pattern="a")
    add_price(owner.actor, pattern="a", provider_id=provider.pk)

    with pytest.raises(Conflict):
        add_price(owner.actor, pattern="a")


def test_members_and_strangers_change_nothing(owner: Someone, member: Someone, stranger: Someone) -> None:
    price = add_price(owner.actor, pattern="a")

    with pytest.raises(Denied):
        add_price(member.actor, pattern="b")
    with pytest.raises(NotFound):
        remove_price(stranger.actor, price_id=price.pk)
    with pytest.raises(Invalid):
        add_price(stranger.actor, pattern="a", provider_id=server(owner).pk)


@pytest.mark.parametrize(
    "wrong", [{"pattern": " "}, {"pattern": "x" * 201}, {"input_usd": Decimal(-1)}, {"image_usd": Decimal("NaN")}]
)
def test_what_is_no_price_is_refused(owner: Someone, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        add_price(owner.actor, **{"pattern": "a", **wrong})


@pytest.mark.parametrize(
    ("kind", "address", "is_local"),
    [
        ("ollama", "https://ollama.example.com", True),
        ("openai", "http://127.0.0.1:8000/v1", True),
        ("openai", "http://192.168.1.20:8000/v1", True),
        ("openai", "http://gpu-box:8000/v1", True),
        ("openai", "http://gpu.lan/v1", True),
        ("openai", "https://api.openai.com/v1", False),
        ("openai", "http://8.8.8.8/v1", False),
    ],
)
def test_servers_in_ones_own_network_are_ones_own_hardware(
    owner: Someone, kind: str, address: str, *, is_local: bool
) -> None:
    provider = server(owner, kind=kind, base_url=address)

    assert (provider.pk in read_table(owner.actor.organization_id).local_ids) == is_local


def test_the_page_stores_changes_and_removes(owner: Someone, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client, provider = owner.client(), server(owner)

    client.post("/settings/prices/add/", {"pattern": "gpt-*", "input_usd": "2.5", "provider": str(provider.pk)})
    price = Price.objects.get()
    client.post(f"/settings/prices/{price.pk}/", {"pattern": "gpt-*", "output_usd": "10"})
    with django_assert_num_queries(10):
        shown = client.get("/settings/prices/").content.decode()

    assert price.provider_id == provider.pk
    assert "$10.00 a million written" in shown
    client.post(f"/settings/prices/{price.pk}/remove/")
    assert b"Everything is free" in client.get("/settings/prices/").content


@pytest.mark.parametrize(
    "form",
    [{}, {"pattern": "a", "input_usd": "-1"}, {"pattern": "a", "input_usd": "1e99"}, {"pattern": "a", "provider": "x"}],
)
def test_the_page_says_what_is_wrong(owner: Someone, form: dict[str, str]) -> None:
    assert owner.client().post("/settings/prices/add/", form).status_code == 422
    assert not Price.objects.exists()


def test_programs_store_change_and_remove(owner: Someone) -> None:
    client = owner.client()
    made = client.post("/api/v1/prices", {"pattern": "a", "input_usd": "1.5"}, content_type="application/json")
    address = made["Location"]

    changed = client.patch(address, {"cached_usd": None, "input_usd": 2}, content_type="application/json")

    assert made.status_code == 201
    assert (changed.json()["input_usd"], changed.json()["cached_usd"]) == ("2.000000", None)
    assert len(client.get("/api/v1/prices").json()["results"]) == 1
    assert client.patch(address, {"input_usd": -1}, content_type="application/json").status_code == 422
    assert client.post("/api/v1/prices", {"pattern": "a"}, content_type="application/json").status_code == 409
    assert client.delete(address).status_code == 204


def test_amounts_are_typed_and_shown_as_the_reader_has_them(owner: Someone) -> None:
    client = owner.client()
    german = {"Accept-Language": "de"}

    client.post("/settings/prices/add/", {"pattern": "gpt-*", "input_usd": "1250,5"}, headers=german)
    price = Price.objects.get()
    shown = client.get("/settings/prices/", headers=german).content.decode()
    form = client.get(f"/settings/prices/{price.pk}/", headers=german).content.decode()

    assert price.input_usd == Decimal("1250.5")
    assert "$1.250,50" in shown
    assert 'value="1250,5"' in form
