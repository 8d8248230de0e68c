"""The commands a person types."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.inference.models import Provider
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fake_openai import FakeOpenAI
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    output = StringIO()
    call_command(*args, stdout=output, stderr=output)
    return output.getvalue()


def test_add_provider_reads_the_key_at_once(
    owner: Someone, in_background: Callable[..., FakeOpenAI], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = in_background(FakeOpenAI(key="sk-cli"))
    monkeypatch.setenv("MY_KEY", "sk-cli")

    said = run("add_provider", "--kind", "openai", "--name", "Cloud", "--url", server.base_url, "--key-env", "MY_KEY")

    provider = Provider.objects.get()
    assert said == f"Cloud is added: 3 models at {server.base_url}.\n"
    assert (provider.api_key, provider.added_by_id) == ("sk-cli", owner.actor.user_id)


def test_add_provider_says_when_the_variable_is_not_set(owner: Someone) -> None:
    with pytest.raises(CommandError, match="NO_SUCH_KEY is not set"):
        run(
            "add_provider",
            "--kind",
            "openai",
            "--name",
            "Cloud",
            "--url",
            "http://127.0.0.1:9",
            "--key-env",
            "NO_SUCH_KEY",
        )

    assert not Provider.objects.exists()


@pytest.mark.parametrize(("url", "words"), [("http://169.254.169.254", "does not connect"), ("", "Say where")])
def test_add_provider_refuses_in_words(owner: Someone, url: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run("add_provider", "--kind", "ollama", "--name", "Home", "--url", url)


def test_add_provider_works_before_anybody_has_an_account() -> None:
    run("add_provider", "--kind", "ollama", "--name", "Home", "--url", "http://127.0.0.1:9")

    assert Provider.objects.get().added_by is None


def test_add_provider_names_who_is_not_there() -> None:
    with pytest.raises(CommandError, match=r"nobody@example\.org"):
        run(
            "add_provider",
            "--kind",
            "ollama",
            "--name",
            "Home",
            "--url",
            "http://127.0.0.1:9",
            "--user",
            "nobody@example.org",
        )


def test_add_provider_keeps_a_server_that_does_not_answer_and_says_so(owner: Someone) -> None:
    said = run("add_provider", "--kind", "ollama", "--name", "Home", "--url", "http://127.0.0.1:9")

    assert "does not answer as it should" in said
    assert Provider.objects.get().name == "Home"


def test_list_models_is_a_table_with_the_default_marked(
    owner: Someone, in_background: Callable[..., FakeOllama]
) -> None:
    server = in_background(FakeOllama())
    run("add_provider", "--kind", "ollama", "--name", "Home", "--url", server.url)

    lines = run("list_models").splitlines()

    assert lines[0].split() == ["MODEL", "PROVIDER", "CAPABILITIES", "CONTEXT"]
    assert [line.split()[0] for line in lines[1:5]] == ["auto", "fast", "balanced", "powerful"]
    assert lines[5].split() == ["fake:latest", "*", "Home", "chat,", "structured_output,", "tools", "8192"]
    assert "Olympus" in lines[-1]


def test_take_up_environment_is_silent_when_all_is_well(
    owner: Someone, in_background: Callable[..., FakeOllama], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = in_background(FakeOllama())
    monkeypatch.setenv("OLLAMA_HOST", server.url)

    assert run("take_up_environment") == ""
    assert len(Provider.objects.get().infos) == 3
    monkeypatch.setenv("OLLAMA_HOST", "http://169.254.169.254")
    assert "OLLAMA_HOST cannot be used" in run("take_up_environment")


def test_a_scripted_provider_needs_no_address(owner: Someone) -> None:
    said = run("add_provider", "--kind", "scripted", "--name", "Demo")

    assert said == "Demo is added: 2 models at no address.\n"
