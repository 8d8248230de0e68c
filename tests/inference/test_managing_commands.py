"""Models pulled and deleted from a terminal: what it says, and how it ends."""

import asyncio
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.inference.engine.wire import Timeouts
from apps.inference.managing.commanding import NotBrought, brought
from apps.inference.managing.ordering import cancel_job, order_pull
from apps.inference.models import ModelJob, Provider
from apps.inference.services import refresh
from olympus.kernel.db import in_thread
from olympus.kernel.http import run_alone
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.http_server import until
from tests.doubles.ollama_managing import NO_SPACE, Pull
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[[FakeOllama], FakeOllama]


class Terminal(StringIO):
    """Somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def ollama(in_background: Start) -> FakeOllama:
    return in_background(FakeOllama())


@pytest.fixture(autouse=True)
def home(owner: Someone, ollama: FakeOllama) -> Provider:
    provider = Provider.objects.create(
        organization_id=owner.actor.organization_id, name="Home", kind="ollama", base_url=ollama.url
    )
    refresh([provider], Timeouts())
    return provider


def run(*args: str, output: StringIO | None = None) -> str:
    output = output or StringIO()
    call_command(*args, stdout=output)
    return output.getvalue()


def test_a_pull_waits_until_the_model_is_there(ollama: FakeOllama) -> None:
    said = run("pull_model", "new")

    assert said == "new is on Home.\n"
    assert "new:latest" in ollama.models


def test_who_watches_sees_how_far_it_is_on_one_line(ollama: FakeOllama) -> None:
    ollama.managing.default = Pull(step_count=12, step_s=0.1)

    said = run("pull_model", "new", output=Terminal())

    assert "downloading" in said
    assert "of 2.0 GB" in said
    assert said.endswith("\x1b[Knew is on Home.\n")
    assert said.count("\n") == 1


def test_a_failing_pull_says_why_and_what_to_do(ollama: FakeOllama) -> None:
    ollama.managing.default = Pull(error=NO_SPACE)

    with pytest.raises(CommandError, match=r"^new: The server's disk is full\. Delete a model there") as failed:
        run("pull_model", "new")

    assert failed.value.returncode == 1


def test_one_that_is_cancelled_elsewhere_is_no_success(owner: Someone, home: Provider, ollama: FakeOllama) -> None:
    ollama.managing.default = Pull(step_count=1000, step_s=0.05)
    job = order_pull(owner.actor, provider_id=home.pk, model="new")

    async def cancel_midway() -> None:
        following = asyncio.create_task(brought(job.pk, lambda _: None))
        await until(lambda: any(request.path == "/api/pull" for request in ollama.log.requests))
        await in_thread(cancel_job, owner.actor, job_id=job.pk)
        await following

    with pytest.raises(NotBrought, match="new: cancelled"):
        run_alone(cancel_midway)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("pull_model", "new", "--server", "Nowhere"), "Name one of these servers: Home."),
        (("delete_model", "fake", "--server", "Nowhere"), "Name one of these servers: Home."),
        (("pull_model", "../x"), "This is no name of a model."),
        (("delete_model", "gone"), "Home has no such model"),
    ],
)
def test_what_is_not_there_is_told(args: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run(*args)

    assert not ModelJob.objects.exists()


@pytest.mark.parametrize("command", ["pull_model", "delete_model"])
def test_without_an_ollama_there_is_nothing_to_manage(command: str, home: Provider) -> None:
    home.delete()

    with pytest.raises(CommandError, match="There is no Ollama to manage models on"):
        run(command, "new")


def test_one_of_several_servers_is_named(owner: Someone, home: Provider) -> None:
    Provider.objects.create(
        organization_id=owner.actor.organization_id,
        name="Attic",
        kind="ollama",
        base_url="http://127.0.0.1:9",
        catalog=home.catalog,
    )

    with pytest.raises(CommandError, match="Name one of these servers: Home, Attic"):
        run("pull_model", "new")
    with pytest.raises(CommandError, match="cannot be reached"):
        run("delete_model", "fake", "--server", "Attic")


def test_a_model_is_deleted(ollama: FakeOllama) -> None:
    said = run("delete_model", "fake")

    assert said == "fake is deleted from Home.\n"
    assert "fake:latest" not in ollama.models


def test_one_that_is_on_its_way_is_not_deleted(owner: Someone, home: Provider) -> None:
    order_pull(owner.actor, provider_id=home.pk, model="fake")

    with pytest.raises(CommandError, match="Cancel that first"):
        run("delete_model", "fake")


@pytest.mark.parametrize("command", ["pull_model", "delete_model"])
def test_without_an_owner_there_is_nobody_to_do_it_for(command: str, owner: Someone) -> None:
    owner.user.delete()

    with pytest.raises(CommandError, match="sign in once first"):
        run(command, "new")
