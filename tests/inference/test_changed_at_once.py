"""Two owners who change the same price or model server at once."""

from decimal import Decimal

import pytest
from django.test import Client

from apps.inference.contracts import TierName
from apps.inference.models import Price, Provider, Tier
from apps.inference.pricing import add_price, change_price, remove_price
from apps.inference.services import change_provider, remove_provider
from apps.inference.tiers.changing import change_tier
from olympus.kernel.errors import NotFound
from tests.support.cast import Someone
from tests.support.racing import behind

pytestmark = pytest.mark.django_db(transaction=True)


def server(who: Someone) -> Provider:
    return Provider.objects.create(
        organization_id=who.actor.organization_id, name="Cloud", kind="openai", base_url="https://api.example.com/v1"
    )


def test_both_changes_of_a_price_hold(owner: Someone) -> None:
    price = add_price(owner.actor, pattern="a", input_usd=Decimal(1), output_usd=Decimal(1))

    behind(
        lambda: change_price(owner.actor, price_id=price.pk, input_usd=Decimal(5)),
        lambda: change_price(owner.actor, price_id=price.pk, output_usd=Decimal(7)),
    )

    price.refresh_from_db()
    assert (price.input_usd, price.output_usd) == (5, 7)


def test_a_price_that_is_being_removed_does_not_come_back(owner: Someone) -> None:
    price = add_price(owner.actor, pattern="a", input_usd=Decimal(1))

    with pytest.raises(NotFound):
        behind(
            lambda: remove_price(owner.actor, price_id=price.pk),
            lambda: change_price(owner.actor, price_id=price.pk, input_usd=Decimal(5)),
        )

    assert not Price.objects.exists()


def test_of_two_who_change_what_they_both_have_seen_the_second_is_told(owner: Someone) -> None:
    price = add_price(owner.actor, pattern="a", input_usd=Decimal(1))
    client = Client()
    client.force_login(owner.user)
    url = f"/api/v1/prices/{price.pk}"
    seen = client.get(url).headers["ETag"]

    answer = behind(
        lambda: change_price(owner.actor, price_id=price.pk, input_usd=Decimal(5)),
        lambda: client.patch(url, {"input_usd": "9"}, content_type="application/json", headers={"If-Match": seen}),
    )

    price.refresh_from_db()
    assert (answer.status_code, price.input_usd) == (412, 5)


def test_of_two_who_say_what_a_tier_is_the_second_is_told(owner: Someone) -> None:
    client = owner.client()
    url = "/api/v1/tiers/fast"
    seen = client.get(url).headers["ETag"]

    answer = behind(
        lambda: change_tier(owner.actor, TierName.FAST, uses="Short answers"),
        lambda: client.patch(url, {"uses": "Long ones"}, content_type="application/json", headers={"If-Match": seen}),
    )

    assert (answer.status_code, Tier.objects.get().uses) == (412, "Short answers")


def test_both_changes_of_a_model_server_hold(owner: Someone) -> None:
    provider = server(owner)

    behind(
        lambda: change_provider(owner.actor, provider_id=provider.pk, priority=3),
        lambda: change_provider(owner.actor, provider_id=provider.pk, is_enabled=False),
    )

    provider.refresh_from_db()
    assert (provider.priority, provider.is_enabled) == (3, False)


def test_a_model_server_that_is_being_removed_does_not_come_back(owner: Someone) -> None:
    provider = server(owner)

    with pytest.raises(NotFound):
        behind(
            lambda: remove_provider(owner.actor, provider_id=provider.pk),
            lambda: change_provider(owner.actor, provider_id=provider.pk, priority=3),
        )

    assert not Provider.objects.exists()
