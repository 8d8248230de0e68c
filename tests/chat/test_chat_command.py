"""`manage.py chat` asks from the terminal."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.chat.models import Message
from tests.support.cast import Someone
from tests.support.runs import running_worker, scripted_provider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _worker(transactional_db: None) -> Iterator[None]:
    scripted_provider()
    with running_worker():
        yield


@pytest.mark.usefixtures("_worker")
def test_the_answer_is_streamed_and_stored(owner: Someone) -> None:
    out = StringIO()

    call_command("chat", "Say this back", "--model", "echo", stdout=out)

    assert out.getvalue() == "Say this back\n"
    assert Message.objects.get(role="assistant").text == "Say this back"
    assert Message.objects.get(role="user").owner == owner.user


@pytest.mark.usefixtures("_worker", "owner")
def test_a_failed_answer_fails_the_command() -> None:
    with pytest.raises(CommandError, match="No connected model server"):
        call_command("chat", "Hello", "--model", "nothing-like-it", stdout=StringIO())


@pytest.mark.usefixtures("transactional_db")
def test_somebody_must_ask() -> None:
    with pytest.raises(CommandError, match="no owner yet"):
        call_command("chat", "Hello", stdout=StringIO())
    with pytest.raises(CommandError, match=r"nobody@example\.org"):
        call_command("chat", "Hello", "--user", "nobody@example.org", stdout=StringIO())
