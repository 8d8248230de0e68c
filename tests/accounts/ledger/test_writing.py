"""The writer that many calls share: what one of them does must not cost the others theirs."""

from collections.abc import Sequence
from concurrent.futures import Future

import pytest
from django.db import IntegrityError, OperationalError

from apps.accounts.ledger.writing import GroupWriter, QueueFull

pytestmark = pytest.mark.django_db(transaction=True)
WAIT_S = 10


class Store:
    """Takes what it is given, refuses what it was told to, as often as it was told to."""

    def __init__(self, **refusals: list[Exception]) -> None:
        self.refusals = refusals
        self.taken: list[str] = []

    def write(self, items: Sequence[str]) -> list[str]:
        for item in items:
            if self.refusals.get(item):
                raise self.refusals[item].pop()
        self.taken += items
        return [item.upper() for item in items]


def writer_to(store: Store, *, keeps_trying: bool = True, most_waiting: int = 100) -> GroupWriter[str, str]:
    return GroupWriter("test", store.write, most_waiting=most_waiting, keeps_trying=keeps_trying)


def test_what_can_never_be_stored_is_refused_alone() -> None:
    store = Store(bad=[IntegrityError("bad") for _ in range(9)])
    writer = writer_to(store)

    good, bad, other = (writer.submit(item) for item in ("good", "bad", "other"))

    assert (good.result(WAIT_S), other.result(WAIT_S)) == ("GOOD", "OTHER")
    assert isinstance(bad.exception(WAIT_S), IntegrityError)


def test_what_lost_something_it_named_that_very_moment_is_tried_again() -> None:
    store = Store(one=[IntegrityError("its budget was being removed")])

    assert writer_to(store).submit("one").result(WAIT_S) == "ONE"


def test_a_database_that_is_away_is_asked_until_it_is_back() -> None:
    store = Store(one=[OperationalError("away")])

    assert writer_to(store).submit("one").result(WAIT_S) == "ONE"


def test_who_does_not_want_to_wait_hears_that_it_is_away() -> None:
    store = Store(one=[OperationalError("away")])

    failed = writer_to(store, keeps_trying=False).submit("one")

    assert isinstance(failed.exception(WAIT_S), OperationalError)


def test_one_who_gave_up_does_not_stop_the_writer() -> None:
    store = Store()
    writer = writer_to(store)
    gone: Future[str] = Future()
    gone.cancel()
    writer._waiting.append(("gone", gone))

    after = writer.submit("after")

    assert after.result(WAIT_S) == "AFTER"
    assert store.taken == ["gone", "after"]


def test_more_than_may_wait_is_refused_at_once() -> None:
    with pytest.raises(QueueFull):
        writer_to(Store(), most_waiting=0).submit("one")
