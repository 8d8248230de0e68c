"""The page for model servers: who may open it and what its buttons do."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from apps.inference.contracts import Capability, ModelInfo
from apps.inference.engine.health import Outcome
from apps.inference.errors import ProviderUnreachable
from apps.inference.models import Origin, Provider, catalog_of
from apps.inference.pool import POOL
from tests.doubles.fake_ollama import FakeOllama
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
DOORS = [("get", "providers"), ("post", "provider_add")]
ROW_DOORS = [
    ("get", "provider_change"),
    ("post", "provider_change"),
    ("post", "provider_test"),
    ("post", "provider_switch"),
    ("post", "provider_remove"),
]


def a_provider(owner: Someone, **values: object) -> Provider:
    defaults = {"name": "Home", "kind": "ollama", "base_url": "http://127.0.0.1:9"}
    return Provider.objects.create(organization_id=owner.actor.organization_id, **{**defaults, **values})


@pytest.mark.parametrize(("method", "door"), [*DOORS, *ROW_DOORS])
def test_nobody_passes_without_signing_in(method: str, door: str) -> None:
    args = [] if (method, door) in DOORS else [uuid.uuid4()]

    response = getattr(Client(), method)(reverse(door, args=args))

    assert response.status_code == 302
    assert "/accounts/login/" in response["Location"]


@pytest.mark.parametrize(("method", "door"), [*DOORS, *ROW_DOORS])
def test_a_member_is_refused(owner: Someone, member: Someone, method: str, door: str) -> None:
    args = [] if (method, door) in DOORS else [a_provider(owner).pk]

    response = getattr(member.client(), method)(reverse(door, args=args))

    assert response.status_code == 403


@pytest.mark.parametrize(("method", "door"), ROW_DOORS)
def test_an_owner_of_another_organization_finds_nothing(
    owner: Someone, stranger: Someone, method: str, door: str
) -> None:
    provider = a_provider(owner)

    response = getattr(stranger.client(), method)(
        reverse(door, args=[provider.pk]), {"name": "Taken", "base_url": "http://x"}
    )

    assert response.status_code == 404
    assert Provider.objects.get().name == "Home"


def test_the_list_shows_only_the_organizations_own(owner: Someone, stranger: Someone) -> None:
    a_provider(owner, name="Ours")
    a_provider(stranger, name="Theirs")

    page = owner.client().get(reverse("providers")).content.decode()

    assert "Ours" in page
    assert "Theirs" not in page


def test_the_list_tells_states_and_never_a_key(owner: Someone) -> None:
    chat = frozenset({Capability.CHAT})
    a_provider(
        owner, name="Well", catalog=catalog_of([ModelInfo(f"m{n}", chat) for n in range(9)]), api_key="sk-secret"
    )
    a_provider(owner, name="Down", last_error="The model server cannot be reached.")
    a_provider(owner, name="Off", is_enabled=False, origin=Origin.FOUND)

    page = owner.client().get(reverse("providers")).content.decode()

    for text in (
        "9 models",
        "m0, m1, m2, m3, m4, m5 and 3 more",
        "not answering",
        "cannot be reached",
        "Found on this machine",
        "with a key",
    ):
        assert text in page
    assert "sk-secret" not in page


def test_without_providers_the_page_says_what_to_do(owner: Someone) -> None:
    page = owner.client().get(reverse("providers")).content.decode()

    assert "No model server is connected" in page


def test_the_list_costs_the_same_for_one_as_for_many(
    owner: Someone, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client = owner.client()
    for number in range(12):
        a_provider(owner, name=f"P{number}", api_key="x")

    with django_assert_max_num_queries(12):
        client.get(reverse("providers"))


def test_adding_asks_the_server_and_says_what_it_offers(
    owner: Someone, in_background: Callable[..., FakeOllama]
) -> None:
    server = in_background(FakeOllama())
    values = {"kind": "ollama", "name": "Home", "base_url": server.url, "api_key": ""}

    page = owner.client().post(reverse("provider_add"), values, follow=True).content.decode()

    assert "Home answers and offers 3 models." in page
    assert Provider.objects.get().name == "Home"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base_url": "http://169.254.169.254/"}, "Olympus does not connect to this address"),
        ({"base_url": "http://2852039166/"}, "four numbers"),
        ({"name": "a/b"}, "has no slash"),
        ({"name": "Taken"}, "already"),
        ({"kind": "scripted"}, "Select a valid choice"),
        ({"base_url": ""}, "required"),
    ],
)
def test_what_cannot_be_added_is_told_beside_its_field(owner: Someone, change: dict[str, str], words: str) -> None:
    a_provider(owner, name="Taken")
    values = {"kind": "ollama", "name": "Home", "base_url": "http://127.0.0.1:9", **change}

    response = owner.client().post(reverse("provider_add"), values)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert Provider.objects.count() == 1


def test_testing_tells_what_the_server_says_now(owner: Someone, in_background: Callable[..., FakeOllama]) -> None:
    server = in_background(FakeOllama())
    server.models = {}
    well = a_provider(owner, base_url=server.url)
    down = a_provider(owner, name="Down")

    said = [
        owner.client().post(reverse("provider_test", args=[row.pk]), follow=True).content.decode()
        for row in (well, down)
    ]

    assert "has no model yet" in said[0]
    assert "Down does not answer as it should. The model server cannot be reached" in said[1]


def test_a_provider_is_turned_off_and_on(owner: Someone) -> None:
    provider = a_provider(owner)
    address = reverse("provider_switch", args=[provider.pk])

    owner.client().post(address, {"on": "0"})
    assert not Provider.objects.get().is_enabled
    owner.client().post(address, {"on": "1"})
    assert Provider.objects.get().is_enabled


def test_a_provider_is_removed_unless_olympus_found_it(owner: Someone) -> None:
    added, found = a_provider(owner), a_provider(owner, name="Found", origin=Origin.FOUND)

    pages = [
        owner.client().post(reverse("provider_remove", args=[row.pk]), follow=True).content.decode()
        for row in (added, found)
    ]

    assert "Home is removed." in pages[0]
    assert "Turn it off instead" in pages[1]
    assert Provider.objects.get() == found


def test_changing_keeps_the_key_unless_a_new_one_or_none_is_wanted(owner: Someone) -> None:
    provider = a_provider(owner, api_key="sk-1")
    address = reverse("provider_change", args=[provider.pk])
    values = {"name": "New", "base_url": "127.0.0.1:10", "api_key": ""}
    keys = []

    assert "A key is stored" in owner.client().get(address).content.decode()
    for more in ({}, {"api_key": "sk-2"}, {"forget_key": "on"}):
        response = owner.client().post(address, {**values, **more})
        keys.append(Provider.objects.get().api_key)

    assert response.status_code == 302
    assert keys == ["sk-1", "sk-2", ""]
    assert Provider.objects.get().base_url == "http://127.0.0.1:10"


def test_forms_need_the_csrf_token(owner: Someone) -> None:
    client = owner.client(enforce_csrf_checks=True)

    assert client.post(reverse("provider_add"), {}).status_code == 403


def test_the_admin_shows_no_key(owner: Someone) -> None:
    provider = a_provider(owner, api_key="sk-secret")
    owner.user.is_staff = owner.user.is_superuser = True
    owner.user.save()

    page = owner.client().get(reverse("admin:inference_provider_change", args=[provider.pk])).content.decode()

    assert "Home" in page
    assert "sk-secret" not in page
    assert "api_key" not in page


def test_the_list_tells_how_each_server_is_now(owner: Someone) -> None:
    provider = a_provider(owner, catalog=catalog_of([ModelInfo("m")]))
    for _ in range(2):
        POOL.note_probe(provider.pk, Outcome.UNREACHABLE, ProviderUnreachable("Nobody is there."))

    page = owner.client().get(reverse("providers")).content.decode()

    assert 'data-state="offline" data-kind="error">not answering' in page
    assert "Nobody is there." in page
    assert "0 calls under way" in page


@pytest.mark.parametrize(
    ("outcome", "tag"),
    [
        (Outcome.ANSWERED, "ready"),
        (Outcome.REFUSED, "refuses Olympus"),
        (Outcome.RATE_LIMITED, "wants a pause"),
        (Outcome.WARMING, "loading a model"),
        (Outcome.FAILED, "unsteady"),
    ],
)
def test_each_state_has_a_word(owner: Someone, outcome: Outcome, tag: str) -> None:
    provider = a_provider(owner, catalog=catalog_of([ModelInfo("m")]))
    POOL.note_probe(provider.pk, outcome, None)

    page = owner.client().get(reverse("providers")).content.decode()

    assert f">{tag}</span>" in page


def test_priority_and_weight_are_changed_with_the_rest(owner: Someone) -> None:
    provider = a_provider(owner)
    address = reverse("provider_change", args=[provider.pk])
    values = {"name": "Home", "base_url": "http://127.0.0.1:9", "api_key": ""}

    owner.client().post(address, {**values, "priority": "3", "weight": "0"})
    owner.client().post(address, {**values, "priority": "", "weight": ""})

    stored = Provider.objects.get()
    assert (stored.priority, stored.weight) == (3, 0)


@pytest.mark.parametrize("number", ["-1", "1001", "x", "1e9", "99999999999999999999"])
def test_a_priority_out_of_bounds_is_told_beside_its_field(owner: Someone, number: str) -> None:
    provider = a_provider(owner)
    values = {"name": "Home", "base_url": "http://127.0.0.1:9", "api_key": "", "priority": number}

    page = owner.client().post(reverse("provider_change", args=[provider.pk]), values).content.decode()

    assert 'id="id_priority_error"' in page
    assert Provider.objects.get().priority == 10


def test_the_admin_changes_how_calls_are_shared_and_nothing_else(owner: Someone) -> None:
    provider = a_provider(owner, api_key="sk-secret")
    owner.user.is_staff = owner.user.is_superuser = True
    owner.user.save()

    owner.client().post(
        reverse("admin:inference_provider_change", args=[provider.pk]),
        {"priority": "4", "weight": "5", "name": "Stolen", "base_url": "http://169.254.169.254"},
    )

    stored = Provider.objects.get()
    assert (stored.priority, stored.weight, stored.name, stored.api_key) == (4, 5, "Home", "sk-secret")
