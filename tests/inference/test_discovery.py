"""What the environment names and what runs on this machine is taken up."""

from collections.abc import Callable

import pytest

from apps.inference.addresses import is_same_server, ollama_url
from apps.inference.discovery import find_local_ollama, take_up_environment
from apps.inference.models import Origin, Provider
from apps.inference.services import change_provider
from apps.inference.tasks import refresh_models
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fake_openai import FakeOpenAI
from tests.support.cast import Someone

OFF = {"OLYMPUS_AUTODETECT": "0"}


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("gpu", "http://gpu:11434"),
        ("gpu:8080", "http://gpu:8080"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:11500", "http://127.0.0.1:11500"),
        (":11500", "http://127.0.0.1:11500"),
        ("http://gpu", "http://gpu:80"),
        ("https://gpu", "https://gpu:443"),
        ("https://gpu:1234/ollama/", "https://gpu:1234/ollama"),
        ('"gpu"', "http://gpu:11434"),
        ("[::1]:11500", "http://[::1]:11500"),
        ("::", "http://127.0.0.1:11434"),
        ("fd12::5", "http://[fd12::5]:11434"),
    ],
)
def test_ollama_host_is_read_as_ollama_reads_it(value: str, url: str) -> None:
    assert ollama_url(value) == url


def test_one_machine_has_many_names() -> None:
    assert is_same_server("http://localhost:11434", "http://127.0.0.1:11434/api")
    assert is_same_server("https://h", "https://h:443/v1")
    assert not is_same_server("http://h:1", "http://h:2")


@pytest.mark.django_db
def test_what_the_environment_names_becomes_providers_once(
    owner: Someone, in_background: Callable[..., object]
) -> None:
    ollama = in_background(FakeOllama())
    openai = in_background(FakeOpenAI(key="sk-env"))
    assert isinstance(ollama, FakeOllama)
    assert isinstance(openai, FakeOpenAI)
    environment = {
        **OFF,
        "OLLAMA_HOST": f"0.0.0.0:{ollama.port}",
        "OPENAI_BASE_URL": openai.base_url,
        "OPENAI_API_KEY": "sk-env",
    }

    problems = [take_up_environment(owner.actor.organization_id, environment) for _ in range(2)]

    rows = {row.name: row for row in Provider.objects.all()}
    assert problems == [[], []]
    assert set(rows) == {"Ollama", "OpenAI-compatible"}
    assert rows["Ollama"].base_url == ollama.url
    assert all(row.infos and row.origin == Origin.ENVIRONMENT and row.added_by is None for row in rows.values())


@pytest.mark.django_db
def test_a_changed_environment_changes_its_rows_and_no_others(owner: Someone) -> None:
    organization = owner.actor.organization_id
    Provider.objects.create(organization_id=organization, name="Ollama", kind="ollama", base_url="http://127.0.0.1:7")
    take_up_environment(organization, {**OFF, "OLLAMA_HOST": "127.0.0.1:9", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"})
    change_provider(owner.actor, provider_id=Provider.objects.get(name="Ollama 2").pk, name="Mine")

    take_up_environment(organization, {**OFF, "OLLAMA_HOST": "127.0.0.1:10"})

    assert list(Provider.objects.values_list("name", "base_url")) == [
        ("Ollama", "http://127.0.0.1:7"),
        ("Mine", "http://127.0.0.1:10"),
    ]


@pytest.mark.django_db
def test_a_key_alone_means_openai_itself(owner: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.inference.addresses.OPENAI", "http://127.0.0.1:9/v1")

    take_up_environment(owner.actor.organization_id, {**OFF, "OPENAI_API_KEY": "sk-env"})

    row = Provider.objects.get()
    assert (row.name, row.kind, row.api_key) == ("OpenAI", "openai", "sk-env")


@pytest.mark.django_db
def test_an_unusable_variable_is_told_and_stops_nothing(owner: Someone) -> None:
    problems = take_up_environment(
        owner.actor.organization_id,
        {**OFF, "OLLAMA_HOST": "http://169.254.169.254", "OPENAI_BASE_URL": "http://127.0.0.1:9"},
    )

    assert len(problems) == 1
    assert problems[0].startswith("OLLAMA_HOST cannot be used: Olympus does not connect")
    assert Provider.objects.get().kind == "openai"


@pytest.mark.django_db
def test_a_server_that_must_be_looked_up_by_name_is_left_to_the_worker(owner: Someone) -> None:
    take_up_environment(owner.actor.organization_id, {**OFF, "OPENAI_BASE_URL": "https://no-such-host.invalid/v1"})

    assert Provider.objects.get().checked_at is None


@pytest.mark.django_db
def test_an_ollama_on_this_machine_is_found_once(owner: Someone, in_background: Callable[..., FakeOllama]) -> None:
    server = in_background(FakeOllama())
    organization = owner.actor.organization_id

    found = find_local_ollama(organization, server.url)
    again = find_local_ollama(organization, server.url.replace("127.0.0.1", "localhost"))

    assert found is not None
    assert again is None
    row = Provider.objects.get()
    assert (row.name, row.origin, len(row.infos)) == ("Ollama", Origin.FOUND, 3)


@pytest.mark.django_db
def test_nothing_there_is_nothing_found(owner: Someone, in_background: Callable[..., FakeOpenAI]) -> None:
    other = in_background(FakeOpenAI())

    assert find_local_ollama(owner.actor.organization_id, "http://127.0.0.1:9") is None
    assert find_local_ollama(owner.actor.organization_id, other.url) is None


@pytest.mark.django_db
def test_a_found_server_that_is_then_named_stays_one_row(
    owner: Someone, in_background: Callable[..., FakeOllama]
) -> None:
    server = in_background(FakeOllama())
    find_local_ollama(owner.actor.organization_id, server.url)

    take_up_environment(owner.actor.organization_id, {**OFF, "OLLAMA_HOST": f"localhost:{server.port}"})

    row = Provider.objects.get()
    assert row.origin == Origin.ENVIRONMENT


@pytest.mark.django_db
def test_the_task_refreshes_all(owner: Someone, in_background: Callable[..., FakeOllama]) -> None:
    server = in_background(FakeOllama())
    Provider.objects.create(organization_id=owner.actor.organization_id, name="One", kind="ollama", base_url=server.url)

    refresh_models()

    assert len(Provider.objects.get().infos) == 3
