"""Answers are rendered once; what keeps them may be away, and what is not finished is not kept."""

from collections.abc import Iterator

import pytest
import redis
from django.core.cache import cache
from pytest_django import Settings

from apps.chat.engine.markdown import RENDER_VERSION
from apps.chat.engine.windows import Ask
from apps.chat.models import Message
from apps.chat.options import TurnOptions
from apps.chat.pages import turns_in
from tests.chat.saying import answer, post
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def key_of(message_id: object) -> str:
    return f"rendered:{RENDER_VERSION}:{Message.objects.get(pk=message_id).pk.hex}"


def test_a_finished_answer_is_rendered_once(owner: Someone) -> None:
    first = post(owner)
    answer(first, "*So it is.*")

    shown = turns_in(owner.actor, first.conversation, Ask())[0][1].html
    cache.set(key_of(first.answer), "<p>kept</p>")
    again = turns_in(owner.actor, first.conversation, Ask())[0][1].html

    assert "<em>So it is.</em>" in shown
    assert again == "<p>kept</p>"


def test_what_is_still_written_is_not_kept(owner: Someone) -> None:
    first = post(owner)
    Message.objects.filter(pk=first.answer).update(text="So it")

    turns_in(owner.actor, first.conversation, Ask())

    assert cache.get(key_of(first.answer)) is None


def test_nothing_of_a_temporary_conversation_is_kept(owner: Someone, store: redis.Redis) -> None:
    first = post(owner, "Secret", options=TurnOptions(temporary=True))

    turns_in(owner.actor, first.conversation, Ask())

    assert not store.keys("*rendered*")


def test_a_cache_that_is_away_changes_nothing(owner: Someone, settings: Settings) -> None:
    first = post(owner)
    answer(first, "*So it is.*")
    away = {"BACKEND": "olympus.kernel.cache.SteadyCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {**settings.CACHES, "default": away}

    shown = turns_in(owner.actor, first.conversation, Ask())[0][1].html

    assert "<em>So it is.</em>" in shown
