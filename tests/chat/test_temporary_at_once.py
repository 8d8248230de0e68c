"""A temporary conversation that several tabs write to at once, and one whose next answer is refused."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.agents import services as runs
from apps.chat.contracts import Receipt
from apps.chat.options import TurnOptions
from apps.chat.temporary import load_temporary
from olympus.kernel.errors import LimitReached
from tests.chat.saying import post
from tests.support.cast import Someone

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("store")]


@pytest.fixture
def begun(owner: Someone) -> Receipt:
    return post(owner, "Begin", options=TurnOptions(temporary=True))


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as made:
        yield made


def said_in(receipt: Receipt) -> list[str]:
    conversation = load_temporary(receipt.conversation)
    assert conversation is not None
    return [message.text for message in conversation.branch() if message.role == "user"]


def test_messages_of_two_tabs_at_once_all_stay_in_the_branch(
    owner: Someone, begun: Receipt, threads: ThreadPoolExecutor
) -> None:
    def say(text: str) -> None:
        try:
            post(owner, text, conversation_id=begun.conversation)
        finally:
            connection.close()

    texts = [f"message {number}" for number in range(12)]

    list(threads.map(say, texts))

    assert sorted(said_in(begun)) == sorted(["Begin", *texts])


def test_a_refused_message_leaves_nothing_behind(
    owner: Someone, begun: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "MAX_LIVE_RUNS_PER_OWNER", 1)

    with pytest.raises(LimitReached):
        post(owner, "One too many", conversation_id=begun.conversation)

    assert said_in(begun) == ["Begin"]
