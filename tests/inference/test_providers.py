"""Adding, changing, removing and refreshing providers."""

from collections.abc import Callable

import pytest
from django.db import connection

from apps.inference import services
from apps.inference.contracts import ProviderKind
from apps.inference.errors import AddressIsOlympus
from apps.inference.models import Origin, Provider
from olympus.kernel.errors import Conflict, Denied, Invalid, NotFound
from olympus.kernel.http import AddressRefused, instance_id
from olympus.kernel.models import AuditEntry
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.http_server import Connection, HttpServer, Request
from tests.inference.conftest import IMPATIENT
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
Start = Callable[..., FakeOllama]
OLLAMA = ProviderKind.OLLAMA
NOWHERE = "http://127.0.0.1:9"


def add(owner: Someone, url: str = NOWHERE, name: str = "Home", kind: ProviderKind = OLLAMA, key: str = "") -> Provider:
    return services.add_provider(owner.actor, kind=kind, name=name, base_url=url, api_key=key)


def test_an_added_server_is_asked_for_its_models_at_once(owner: Someone, in_background: Start) -> None:
    server = in_background(FakeOllama())

    provider = add(owner, server.url)

    stored = Provider.objects.get()
    assert [info.name for info in stored.infos] == ["fake:latest", "fake-vision:latest", "fake-embed:latest"]
    assert (stored.last_error, stored.origin, stored.added_by_id) == ("", Origin.ADDED, owner.actor.user_id)
    assert stored.organization_id == owner.actor.organization_id
    assert AuditEntry.objects.get(action="provider.add").subject == provider.name


def test_a_server_that_does_not_answer_is_added_and_says_so(owner: Someone) -> None:
    provider = add(owner)

    assert "cannot be reached" in provider.last_error
    assert Provider.objects.get().infos == []


def test_the_key_is_sent_and_stored_unreadable(owner: Someone, in_background: Callable[..., FakeOpenAI]) -> None:
    server = in_background(FakeOpenAI(key="sk-secret"))

    provider = add(owner, server.base_url, kind=ProviderKind.OPENAI, key=" sk-secret ")

    with connection.cursor() as cursor:
        cursor.execute("SELECT api_key FROM inference_provider")
        (raw,) = cursor.fetchone()
    assert provider.last_error == ""
    assert "sk-secret" not in raw
    assert Provider.objects.get().api_key == "sk-secret"
    assert "sk-secret" not in str(AuditEntry.objects.values_list())


@pytest.mark.parametrize(
    ("kind", "given", "stored"),
    [
        (OLLAMA, "127.0.0.1:9/", "http://127.0.0.1:9"),
        (OLLAMA, "http://127.0.0.1:9/api", "http://127.0.0.1:9"),
        (OLLAMA, "http://127.0.0.1:9/v1/", "http://127.0.0.1:9"),
        (ProviderKind.OPENAI, "http://127.0.0.1:9", "http://127.0.0.1:9/v1"),
        (ProviderKind.OPENAI, "http://127.0.0.1:9/v1/chat/completions", "http://127.0.0.1:9/v1"),
        (ProviderKind.OPENAI, "http://127.0.0.1:9/api/v3", "http://127.0.0.1:9/api/v3"),
    ],
)
def test_an_address_is_taken_as_people_paste_it(owner: Someone, kind: ProviderKind, given: str, stored: str) -> None:
    assert add(owner, given, kind=kind).base_url == stored


@pytest.mark.parametrize(
    ("url", "error"),
    [("http://169.254.169.254/", AddressRefused), ("ftp://x", Invalid), ("", Invalid), ("http://a:b@host", Invalid)],
)
def test_a_dangerous_or_broken_address_is_not_added(owner: Someone, url: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        add(owner, url)

    assert not Provider.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "a/b", "x" * 61])
def test_a_name_must_be_usable(owner: Someone, name: str) -> None:
    with pytest.raises(Invalid):
        add(owner, name=name)


def test_two_providers_have_two_names(owner: Someone) -> None:
    add(owner)

    with pytest.raises(Conflict):
        add(owner)


class Mirror(HttpServer):
    """Answers as this installation would."""

    def handle(self, request: Request, connection: Connection) -> None:
        connection.send_json({"models": []}, headers=f"X-Olympus-Instance: {instance_id()}\r\n")


def test_olympus_does_not_add_itself(owner: Someone, in_background: Callable[..., Mirror]) -> None:
    server = in_background(Mirror())

    with pytest.raises(AddressIsOlympus):
        add(owner, server.url)


def test_a_server_that_goes_down_keeps_its_models(owner: Someone, in_background: Start) -> None:
    server = in_background(FakeOllama())
    provider = add(owner, server.url)
    Provider.objects.filter(pk=provider.pk).update(base_url=NOWHERE)

    services.refresh_providers(IMPATIENT)

    stored = Provider.objects.get()
    assert len(stored.infos) == 3
    assert "cannot be reached" in stored.last_error
    assert stored.checked_at > provider.checked_at


def test_a_refresh_asks_all_servers_and_forgets_old_errors(owner: Someone, in_background: Start) -> None:
    one, other = in_background(FakeOllama()), in_background(FakeOllama())
    add(owner, one.url, "One")
    add(owner, NOWHERE, "Down")
    Provider.objects.filter(name="Down").update(base_url=other.url)
    one.models = {"new:latest": ["completion"]}

    services.refresh_providers(IMPATIENT)

    listed = {
        provider.name: ([info.name for info in provider.infos][:1], provider.last_error)
        for provider in Provider.objects.all()
    }
    assert listed == {"One": (["new:latest"], ""), "Down": (["fake:latest"], "")}


def test_a_key_that_cannot_be_read_any_more_is_told_and_stops_nothing(owner: Someone, in_background: Start) -> None:
    server = in_background(FakeOllama())
    add(owner, server.url, "Well")
    add(owner, server.url, "Broken", key="secret")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inference_provider SET api_key = 'gone:AAAA' WHERE name = 'Broken'")

    services.refresh_providers(IMPATIENT)

    assert "secret cannot be read" in Provider.objects.get(name="Broken").last_error
    assert Provider.objects.get(name="Well").last_error == ""


def test_a_provider_can_be_changed_and_keeps_its_key(owner: Someone) -> None:
    provider = add(owner, key="sk-1")

    services.change_provider(owner.actor, provider_id=provider.pk, name="New", base_url="http://127.0.0.1:10")

    stored = Provider.objects.get()
    assert (stored.name, stored.base_url, stored.api_key) == ("New", "http://127.0.0.1:10", "sk-1")


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.2:9", "http://attacker.example/v1", "http://[::1]:9"])
def test_a_stored_key_goes_to_no_other_server(elsewhere: str, owner: Someone) -> None:
    provider = add(owner, key="sk-1")

    with pytest.raises(Invalid) as refused:
        services.change_provider(owner.actor, provider_id=provider.pk, base_url=elsewhere)

    assert refused.value.field == "api_key"
    assert Provider.objects.get().base_url == NOWHERE
    services.change_provider(owner.actor, provider_id=provider.pk, base_url="http://127.0.0.2:9", api_key="")
    assert (Provider.objects.get().base_url, Provider.objects.get().api_key) == ("http://127.0.0.2:9", "")


def test_a_stored_key_goes_to_no_address_that_is_not_encrypted_any_more(owner: Someone) -> None:
    provider = add(owner, key="sk-1")
    Provider.objects.update(base_url="https://127.0.0.1:9")

    with pytest.raises(Invalid):
        services.change_provider(owner.actor, provider_id=provider.pk, base_url=NOWHERE)


def test_a_removed_provider_is_gone_but_one_found_can_only_be_turned_off(owner: Someone) -> None:
    added, found = add(owner, name="Added"), add(owner, name="Found")
    Provider.objects.filter(pk=found.pk).update(origin=Origin.FOUND)

    services.remove_provider(owner.actor, provider_id=added.pk)

    with pytest.raises(Invalid):
        services.remove_provider(owner.actor, provider_id=found.pk)
    assert list(Provider.objects.values_list("name", flat=True)) == ["Found"]


@pytest.mark.parametrize("verb", [services.test_provider, services.remove_provider, services.change_provider])
def test_only_administrators_of_the_organization_may_touch_a_provider(
    owner: Someone, member: Someone, stranger: Someone, verb: Callable[..., object]
) -> None:
    provider = add(owner)

    with pytest.raises(Denied):
        verb(member.actor, provider_id=provider.pk)
    with pytest.raises(NotFound):
        verb(stranger.actor, provider_id=provider.pk)
    with pytest.raises(Denied):
        add(member)
