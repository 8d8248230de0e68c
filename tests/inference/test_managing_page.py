"""The Models page: who sees what, what its buttons do, and that it stays quick."""

from collections.abc import Callable, Iterator
from time import time

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.chat.services.presets import create_preset
from apps.inference.contracts import Capability, ModelInfo
from apps.inference.engine.wire import Timeouts
from apps.inference.managing.permitting import forget_rules
from apps.inference.managing.rules import limit_model, rule_for
from apps.inference.memory.pinning import pin_model
from apps.inference.memory.remembering import Seen, remember
from apps.inference.models import MemoryPin, ModelJob, Provider, Tier, catalog_of
from apps.inference.options import MEMORY_MANAGER
from apps.inference.services import refresh
from olympus.kernel.options import change_option, kept
from olympus.kernel.valkey import valkey
from tests.doubles.fake_ollama import FakeOllama
from tests.inference.memory_support import forget_all
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[[FakeOllama], FakeOllama]
PAGE = 12


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    forget_rules()
    yield
    forget_all()


@pytest.fixture
def ollama(in_background: Start) -> FakeOllama:
    return in_background(FakeOllama())


@pytest.fixture
def home(owner: Someone, ollama: FakeOllama) -> Provider:
    provider = Provider.objects.create(
        organization_id=owner.actor.organization_id, name="Home", kind="ollama", base_url=ollama.url
    )
    refresh([provider], Timeouts())
    return provider


def page_of(who: Someone) -> str:
    return who.client().get(reverse("models")).content.decode()


def test_administrators_see_all_and_what_can_be_done(owner: Someone, home: Provider) -> None:
    limit_model(owner.actor, model="fake", roles=["admin"], user_ids=[])

    page = page_of(owner)

    for text in (
        "fake-vision",
        "2.0 GB",
        "3.2B parameters",
        "Q4_K_M",
        "a80c4f17acd5",
        "Open to administrators",
        "Load",
    ):
        assert text in page


def test_members_see_what_they_may_use_and_no_more(owner: Someone, member: Someone, home: Provider) -> None:
    limit_model(owner.actor, model="fake-vision", roles=["admin"], user_ids=[])

    page = page_of(member)

    assert "fake-embed" in page
    assert "fake-vision" not in page
    assert "Pull a model" not in page
    assert "/settings/models/on/" not in page


def test_another_organization_sees_nothing_of_it(owner: Someone, stranger: Someone, home: Provider) -> None:
    assert "fake-vision" not in page_of(stranger)


@pytest.mark.parametrize("count", [1, 20])
def test_the_page_asks_the_same_however_much_there_is(
    owner: Someone, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    infos = [ModelInfo(f"m{number}:1b", frozenset({Capability.CHAT})) for number in range(count)]
    provider = Provider.objects.create(
        organization_id=owner.actor.organization_id,
        name="Home",
        kind="ollama",
        base_url="http://127.0.0.1:9",
        catalog=catalog_of(infos),
    )
    for number in range(count):
        limit_model(owner.actor, model=f"m{number}:1b", roles=["member"], user_ids=[])
        ModelJob.objects.create(
            organization_id=owner.actor.organization_id,
            provider=provider,
            kind="pull",
            model=f"n{number}",
            key=f"n{number}",
        )
    client = owner.client()
    client.get(reverse("models"))
    kept.refresh()

    with django_assert_num_queries(PAGE):
        assert client.get(reverse("models")).status_code == 200


def test_a_pull_is_ordered_and_a_second_press_is_told(owner: Someone, home: Provider) -> None:
    client, values = owner.client(), {"model": "llama3.2:3b", "server": str(home.pk)}

    first = client.post(reverse("model_pull"), values)
    second = client.post(reverse("model_pull"), values)

    assert (first.status_code, second.status_code) == (302, 422)
    assert "on its way to this server already" in second.content.decode()
    assert ModelJob.objects.get().state == "queued"


@pytest.mark.parametrize("model", ["", "../x", "x" * 500, "a\0b"])
def test_what_is_no_name_is_told_at_its_field(owner: Someone, home: Provider, model: str) -> None:
    values = {"model": model, "server": str(home.pk)}

    response = owner.client().post(reverse("model_pull"), values)

    assert response.status_code == 422
    assert not ModelJob.objects.exists()


def test_a_model_is_opened_copied_and_deleted(owner: Someone, home: Provider, ollama: FakeOllama) -> None:
    client = owner.client()
    Tier.objects.create(organization_id=owner.actor.organization_id, name="fast", model_names=["fake:latest"])
    create_preset(owner.actor, name="Mine", model="Home/fake:latest")

    shown = client.get(reverse("model_show", args=[home.pk]), {"model": "fake:latest"}).content.decode()
    copied = client.post(reverse("model_copy", args=[home.pk]), {"model": "fake:latest", "name": "twin"})
    deleted = client.post(reverse("model_delete", args=[home.pk]), {"model": "fake:latest"})

    assert "Do what is right." in shown
    assert "the tier Fast, 1 preset" in shown
    assert (copied.status_code, deleted.status_code) == (302, 302)
    assert "twin:latest" in ollama.models
    assert "fake:latest" not in ollama.models


def test_a_server_that_is_away_leaves_the_page_standing(owner: Someone) -> None:
    provider = Provider.objects.create(
        organization_id=owner.actor.organization_id,
        name="Gone",
        kind="ollama",
        base_url="http://127.0.0.1:9",
        catalog=catalog_of([ModelInfo("left")]),
    )

    response = owner.client().get(reverse("model_show", args=[provider.pk]), {"model": "left"})

    assert response.status_code == 200
    assert "cannot be reached" in response.content.decode()


def test_who_may_use_it_is_saved_and_shown_again(owner: Someone, member: Someone, home: Provider) -> None:
    client = owner.client()

    client.post(reverse("model_access"), {"model": "fake", "everybody": "", "people": [str(member.user.pk)]})
    page = client.get(reverse("model_access"), {"model": "fake"}).content.decode()
    rule = rule_for(owner.actor.organization_id, "fake:latest")
    client.post(reverse("model_access"), {"model": "fake", "everybody": "1"})

    assert rule is not None
    assert rule.user_ids == [member.user.pk]
    assert "checked" in page
    assert rule_for(owner.actor.organization_id, "fake") is None


def test_a_model_is_made_with_an_adapter(owner: Someone, home: Provider, ollama: FakeOllama) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415

    client, door = owner.client(), reverse("model_create", args=[home.pk])
    values = {"model": "fake:latest", "name": "pirate", "system": "Arr.", "temperature": "0.5"}

    wrong = client.post(door, {**values, "adapter": SimpleUploadedFile("a.gguf", b"no such thing")})
    right = client.post(door, {**values, "adapter": SimpleUploadedFile("a.gguf", b"GGUF and more")})

    assert (wrong.status_code, right.status_code) == (422, 302)
    assert len(ollama.managing.blobs) == 1
    assert ModelJob.objects.get().spec["adapters"] == {"adapter.gguf": next(iter(ollama.managing.blobs))}


def test_what_is_in_memory_is_told_and_pinned_from_the_page(
    owner: Someone, stranger: Someone, home: Provider, ollama: FakeOllama
) -> None:
    ollama.loaded.append("fake:latest")
    refresh([home], Timeouts())
    now = time()
    seen = [Seen("fake:latest", 2_000_000_000, now + 290, 2.5, used_at=now - 400, expected_at=now + 4000)]
    remember(valkey(), {}, {home.pk.hex: seen}, {})
    client, values = owner.client(), {"model": "fake:latest"}

    before = page_of(owner)
    pinned = client.post(reverse("model_pin", args=[home.pk]), values)
    again = client.post(reverse("model_pin", args=[home.pk]), values)
    kept = page_of(owner)
    theirs = stranger.client().post(reverse("model_unpin", args=[home.pk]), values)
    gone = [client.post(reverse("model_unpin", args=[home.pk]), values).status_code for _ in range(2)]

    for text in ("in memory, 2.0 GB", "used 6", "expected in 1", "goes in 4", "Pin fake:latest on Home in memory"):
        assert text in before
    assert (pinned.status_code, again.status_code, theirs.status_code) == (302, 302, 404)
    assert "pinned: it stays" in kept
    assert "Unpin fake:latest on Home" in kept
    assert "goes in" not in kept
    assert gone == [302, 302]
    assert not MemoryPin.objects.exists()


def test_where_memory_is_left_to_the_servers_there_is_nothing_to_pin(owner: Someone, home: Provider) -> None:
    change_option(MEMORY_MANAGER.name, False, changed_by_id=None)

    page = page_of(owner)

    assert "turned off under Settings" in page
    assert reverse("model_pin", args=[home.pk]) not in page


def test_a_deleted_model_is_not_pinned_any_more(owner: Someone, home: Provider) -> None:
    pin_model(owner.actor, provider_id=home.pk, model="fake")

    owner.client().post(reverse("model_delete", args=[home.pk]), {"model": "fake:latest"})

    assert not MemoryPin.objects.exists()


def test_names_that_fit_nowhere_cost_the_others_nothing(owner: Someone, home: Provider, ollama: FakeOllama) -> None:
    ollama.models |= {"": ["completion"], "x" * 300: ["completion"], "odd\0": ["completion"]}
    ollama.tells_all_in_tags = True

    refresh([home], Timeouts())

    home.refresh_from_db()
    names = [info.name for info in home.infos]
    assert "fake:latest" in names
    assert "odd\ufffd" in names
    assert not {"", "x" * 300} & set(names)
    assert "odd" in page_of(owner)


def test_nobody_passes_without_signing_in() -> None:
    response = Client().get(reverse("models"))

    assert response.status_code == 302
