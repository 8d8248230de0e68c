"""News between apps."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import transaction

from olympus.kernel import events

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class News:
    text: str


@pytest.fixture
def heard() -> Iterator[list[str]]:
    told: list[str] = []
    events.subscribe(News, lambda news: told.append(news.text))
    yield told
    events._subscribers.pop(News)


def test_news_is_told_after_commit_and_not_before(heard: list[str]) -> None:
    with transaction.atomic():
        events.publish_after_commit(News("a"))
        during = heard[:]

    assert (during, heard) == ([], ["a"])


def test_news_of_what_was_undone_is_not_told(heard: list[str]) -> None:
    with transaction.atomic():
        events.publish_after_commit(News("a"))
        transaction.set_rollback(True)

    assert heard == []


def test_one_who_fails_to_hear_does_not_keep_the_others(heard: list[str], caplog: pytest.LogCaptureFixture) -> None:
    def deaf(_: News) -> None:
        raise RuntimeError

    events._subscribers[News].insert(0, deaf)

    events.publish_after_commit(News("a"))

    assert heard == ["a"]
    assert "subscriber failed" in caplog.text


def test_who_subscribes_twice_hears_once(heard: list[str]) -> None:
    def hear(news: News) -> None:
        heard.append(f"again {news.text}")

    events.subscribe(News, hear)
    events.subscribe(News, hear)

    events.publish_after_commit(News("a"))

    assert heard == ["a", "again a"]
