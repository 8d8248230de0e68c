"""Doing a thing once, however often it is asked for."""

import threading
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from olympus.kernel.idempotency import KEPT_FOR, forget_answered, once
from olympus.kernel.models import IdempotencyKey

pytestmark = pytest.mark.django_db(transaction=True)


def together(work: Any, count: int) -> list[Any]:
    answers: list[Any] = []
    barrier = threading.Barrier(count)

    def one() -> None:
        try:
            barrier.wait(10)
            answers.append(work())
        except RuntimeError as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_a_repeat_gets_the_first_answer() -> None:
    who = uuid4()

    first = once(who, "live", "a", lambda: {"n": 1})
    second = once(who, "live", "a", lambda: {"n": 2})

    assert (first, second) == (({"n": 1}, True), ({"n": 1}, False))


def test_many_at_once_do_it_once_and_all_get_its_answer() -> None:
    who, done = uuid4(), []

    def work() -> int:
        time.sleep(0.1)
        done.append(1)
        return len(done)

    answers = together(lambda: once(who, "live", "a", work), 6)

    assert sorted(answers) == [(1, False)] * 5 + [(1, True)]
    assert len(done) == 1


def test_when_the_first_fails_one_that_waited_does_it() -> None:
    who, tries = uuid4(), []

    def work() -> str:
        tries.append(1)
        time.sleep(0.1)
        if len(tries) == 1:
            raise RuntimeError
        return "done"

    answers = together(lambda: once(who, "live", "a", work), 3)

    told = [answer for answer in answers if not isinstance(answer, RuntimeError)]
    assert sorted(told) == [("done", False), ("done", True)]
    assert len(tries) == 2


def test_work_that_fails_leaves_no_trace() -> None:
    who = uuid4()

    def fail() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        once(who, "live", "a", fail)

    assert not IdempotencyKey.objects.exists()
    assert once(who, "live", "a", lambda: 1) == (1, True)


def test_people_and_scopes_do_not_share_keys() -> None:
    who = uuid4()

    answers = [once(person, scope, "a", lambda: 1) for person in (who, uuid4()) for scope in ("live", "rest")]

    assert answers == [(1, True)] * 4


def test_an_answer_is_forgotten_when_nobody_will_ask_again() -> None:
    who = uuid4()
    once(who, "live", "old", lambda: 1)
    once(who, "live", "new", lambda: 2)
    IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - KEPT_FOR - timedelta(days=1))

    count = forget_answered(now=timezone.now())

    assert count == 1
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]
