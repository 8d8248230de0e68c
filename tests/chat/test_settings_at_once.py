"""A conversation renamed and set up by one tab while another sends, asks again and chooses: every change is kept."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from apps.chat.conversation_settings import ConversationSettings
from apps.chat.models import Conversation, Message
from apps.chat.options import TurnOptions
from apps.chat.services import change_conversation, regenerate, select_branch
from apps.chat.titles import _store as store_title
from olympus.kernel.ids import uuid7
from tests.chat.saying import answer, post
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)
_ROUNDS = 4


def at_once(*works: Callable[[], object]) -> list[Exception]:
    """Do all at the same moment, each on a connection of its own; give what went wrong."""
    barrier, errors = threading.Barrier(len(works)), list[Exception]()

    def one(work: Callable[[], object]) -> None:
        try:
            barrier.wait(10)
            work()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return errors


def test_settings_and_title_are_not_lost_to_a_message_sent_at_the_same_moment(owner: Someone) -> None:
    first = post(owner)
    answer(first)
    wanted = ConversationSettings(model="demo", options=TurnOptions(temperature=0.25))

    for number in range(_ROUNDS):
        title = f"Renamed {number}"
        Conversation.objects.update(settings={}, title="As it was", title_source="words")
        old = Conversation.objects.get()
        errors = at_once(
            lambda: change_conversation(owner.actor, conversation_id=first.conversation, changes={"settings": wanted}),
            lambda title=title: change_conversation(  # type: ignore[misc]
                owner.actor, conversation_id=first.conversation, changes={"title": title}
            ),
            lambda old=old: store_title(old, "By a model"),  # type: ignore[misc]
            lambda: post(owner, conversation_id=first.conversation),
            lambda: regenerate(owner.actor, client_id=uuid7().hex, message_id=first.answer),
            lambda: select_branch(owner.actor, client_id=uuid7().hex, message_id=first.answer),
        )
        now = Conversation.objects.get()

        assert errors == []
        assert (now.title, now.title_source) == (title, "person")
        assert now.settings == {"model": "demo", "options": {"temperature": 0.25}}

    assert Message.objects.filter(role="user").count() == 1 + _ROUNDS
