"""The Routing page: who may open it, what it shows, and what its buttons do."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from apps.inference.contracts import Capability, ModelInfo
from apps.inference.models import Provider, Tier, catalog_of
from olympus.kernel.models import AuditEntry
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
CHAT = frozenset({Capability.CHAT})
DOORS = [("get", "routing"), ("post", "tier_change"), ("post", "tier_reset")]


def address_of(door: str, tier: str = "fast") -> str:
    return reverse(door, args=[] if door == "routing" else [tier])


def provide(who: Someone, *names: str) -> None:
    Provider.objects.create(
        organization_id=who.actor.organization_id,
        name="Here",
        kind="openai",
        base_url="http://127.0.0.1:9/v1",
        catalog=catalog_of([ModelInfo(name, CHAT, 8192) for name in names]),
    )


def shown(who: Someone) -> str:
    return who.client().get(reverse("routing")).content.decode()


@pytest.mark.parametrize(("method", "door"), DOORS)
def test_nobody_passes_without_signing_in(method: str, door: str) -> None:
    response = getattr(Client(), method)(address_of(door))

    assert response.status_code == 302
    assert "/accounts/login/" in response["Location"]


@pytest.mark.parametrize(("method", "door"), DOORS)
def test_a_member_is_refused(member: Someone, method: str, door: str) -> None:
    assert getattr(member.client(), method)(address_of(door)).status_code == 403


@pytest.mark.parametrize("door", ["tier_change", "tier_reset"])
def test_an_owner_of_another_organization_changes_only_their_own(owner: Someone, stranger: Someone, door: str) -> None:
    ours = Tier.objects.create(organization_id=owner.actor.organization_id, name="fast", model_names=["a"], uses="Ours")

    stranger.client().post(address_of(door), {"models": ["b"], "uses": "Theirs"})

    ours.refresh_from_db()
    assert (ours.model_names, ours.uses) == (["a"], "Ours")
    assert not Tier.objects.filter(organization_id=owner.actor.organization_id).exclude(pk=ours.pk).exists()
    assert "Ours" not in shown(stranger)


@pytest.mark.parametrize("door", ["tier_change", "tier_reset"])
def test_a_tier_there_is_not_is_not_found(owner: Someone, door: str) -> None:
    assert owner.client().post(address_of(door, "huge")).status_code == 404


def test_the_page_shows_what_is_picked_and_why(owner: Someone) -> None:
    provide(owner, "quick:3b", "strong:70b")

    page = shown(owner)

    assert page.count('data-picked="true"') == 3
    assert "70 billion parameters" in page
    assert "no connected model is balanced, this is the nearest" in page


def test_without_a_model_the_page_says_what_to_do(owner: Someone) -> None:
    page = shown(owner)

    assert "No model that chats is connected." in page
    assert reverse("providers") in page


def test_a_list_is_stored_in_its_order_and_shown(owner: Someone) -> None:
    provide(owner, "quick:3b", "strong:70b")
    values = {"models": ["strong:70b", "gone:1b"], "memory_gb": "4.5", "tokens_per_s": "80", "uses": "Mail"}

    page = owner.client().post(address_of("tier_change"), values, follow=True).content.decode()

    row = Tier.objects.get()
    assert (row.name, row.model_names) == ("fast", ["strong:70b", "gone:1b"])
    assert (row.memory_gb, row.tokens_per_s, row.uses) == (4.5, 80.0, "Mail")
    assert "Fast is saved." in page
    assert "not connected" in page
    assert page.count('data-picked="true"') == 2
    assert AuditEntry.objects.filter(action="tier.change", subject="fast").exists()


def test_without_names_the_tier_stays_picked(owner: Someone) -> None:
    provide(owner, "quick:3b")

    owner.client().post(address_of("tier_change"), {"uses": "Mail"})

    assert Tier.objects.get().model_names == []
    assert shown(owner).count('data-picked="true"') == 3


def test_a_tier_is_picked_again(owner: Someone) -> None:
    Tier.objects.create(organization_id=owner.actor.organization_id, name="fast", model_names=["a"])

    page = owner.client().post(address_of("tier_reset"), follow=True).content.decode()

    assert "Fast is picked from what is connected again." in page
    assert not Tier.objects.exists()
    assert AuditEntry.objects.filter(action="tier.reset").exists()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"models": ["auto"]}, "made of models, not of tiers"),
        ({"models": ["x" * 201]}, "1 to 200 characters"),
        ({"models": [f"m{n}" for n in range(21)]}, "at most 20 models"),
        ({"memory_gb": "-1"}, "greater than or equal"),
        ({"memory_gb": "nan"}, "Enter a number"),
        ({"tokens_per_s": "1e99"}, "less than or equal"),
        ({"uses": "x" * 301}, "at most 300 characters"),
    ],
)
def test_what_cannot_be_is_told_and_not_stored(owner: Someone, values: dict[str, object], words: str) -> None:
    response = owner.client().post(address_of("tier_change"), values)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Tier.objects.exists()


def test_a_hostile_name_is_stored_and_shown_as_text(owner: Someone) -> None:
    owner.client().post(address_of("tier_change"), {"models": ["<b>\x00</b>\x01"]})

    page = shown(owner)

    assert "&lt;b&gt;\ufffd&lt;/b&gt;" in page


def test_the_page_costs_the_same_for_one_as_for_many(
    owner: Someone, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client = owner.client()
    provide(owner, *(f"m{n}:3b" for n in range(60)))

    with django_assert_max_num_queries(14):
        client.get(reverse("routing"))


def test_forms_need_the_csrf_token(owner: Someone) -> None:
    assert owner.client(enforce_csrf_checks=True).post(address_of("tier_change"), {}).status_code == 403


def test_the_admin_lists_tiers(owner: Someone) -> None:
    row = Tier.objects.create(organization_id=owner.actor.organization_id, name="fast", model_names=["a:1b"])
    owner.user.is_staff = owner.user.is_superuser = True
    owner.user.save()
    client = owner.client()

    listed = client.get(reverse("admin:inference_tier_changelist"), {"q": "fast"}).content.decode()
    page = client.get(reverse("admin:inference_tier_change", args=[row.pk])).content.decode()

    assert "a:1b" in listed
    assert "a:1b" in page
