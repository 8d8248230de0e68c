"""What a process knows of settings: no query for each use, and every process hears of a change."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection, transaction

from olympus.kernel.models import Setting
from olympus.kernel.options import Option, change_option, following, kept, option_value, reset_option
from olympus.kernel.valkey import valkey
from tests.support.options import declaring

at_once = pytest.mark.django_db(transaction=True)


@pytest.fixture
def size() -> Iterator[Option]:
    with declaring("test.size", int, 3, "How large.") as option:
        yield option


@pytest.mark.django_db
def test_using_a_setting_asks_nobody(size: Option, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        values = {option_value(size) for _each in range(1000)}

    assert values == {3}


@at_once
def test_one_query_reads_all_of_them_when_they_are_old(size: Option, django_assert_num_queries: object) -> None:
    kept._known = None

    with django_assert_num_queries(1):  # type: ignore[operator]
        values = {option_value(size) for _each in range(100)}

    assert values == {3}


@at_once
def test_an_event_loop_uses_what_is_known_and_never_waits(size: Option) -> None:
    change_option("test.size", 5)

    async def use() -> int:
        kept._known = kept._Known({"test.size": 7}, 0.0, 0.0)
        value: int = option_value(size)
        return value

    assert asyncio.run(use()) == 7


@at_once
def test_nobody_else_sees_a_change_before_it_is_committed(size: Option) -> None:
    seen: list[int] = []

    with transaction.atomic():
        change_option("test.size", 5)
        mine = option_value(size)
        other = threading.Thread(target=lambda: seen.append(option_value(size)))
        other.start()
        other.join(20)

    assert (mine, seen, option_value(size)) == (5, [3], 5)


@at_once
def test_what_is_rolled_back_never_held(size: Option) -> None:
    with transaction.atomic():
        change_option("test.size", 5)
        transaction.set_rollback(True)

    assert option_value(size) == 3


@at_once
def test_a_read_that_began_before_a_change_does_not_bring_the_old_value_back(size: Option) -> None:
    change_option("test.size", 5)

    kept._keep({}, 0.0)

    assert option_value(size) == 5


@at_once
def test_what_was_known_last_holds_while_the_database_is_away(size: Option) -> None:
    change_option("test.size", 5)
    known = kept._known
    assert known is not None
    kept._known = kept._Known(known.stored, known.asked_at, 0.0)

    with transaction.atomic():
        with pytest.raises(Exception, match="does_not_exist"), connection.cursor() as cursor:
            cursor.execute("SELECT does_not_exist")
        value = option_value(size)  # a transaction that failed answers no query
        transaction.set_rollback(True)

    assert value == 5


# What each kind of process that lasts does at its start, and then it says which value it goes by, and since when.
_BEGINNINGS = {
    "web": "from olympus.runtime.web import _follow_settings as begin",
    "worker": "from olympus.celery import _keep_streams_going as begin",
}
_OTHER = """
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {database!r}
import django, time
django.setup()
from olympus.kernel.options import declare_option, option_value
{begin}
size = declare_option("test.size", int, 3, "How large.")
begin()
said = None
while True:
    value = option_value(size)
    if value != said:
        print(value, time.monotonic(), flush=True)
        said = value
    time.sleep(0.01)
"""


class Other:
    """Another process that goes by the settings."""

    def __init__(self, kind: str) -> None:
        code = _OTHER.format(database=settings.DATABASES["default"]["NAME"], begin=_BEGINNINGS[kind])
        self._process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)

    def until(self, value: int) -> float:
        """This will wait until it goes by a value, and tell since when it does."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said, since = line.split()
            if int(said) == value:
                return float(since)
        raise AssertionError("it ended")

    def end(self) -> None:
        """This will end it."""
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def others() -> Iterator[list[Other]]:
    """A web process and a worker, both begun."""
    others = [Other(kind) for kind in _BEGINNINGS]
    for other in others:
        other.until(3)
    yield others
    for other in others:
        other.end()


def seconds_until_known(others: list[Other], value: int) -> float:
    """This will change the setting, and tell after how long the last of the others goes by it."""
    began = time.monotonic()
    change_option("test.size", value)
    return max(other.until(value) for other in others) - began


@at_once
def test_every_process_goes_by_a_change_within_a_second_whatever_becomes_of_valkey(
    size: Option, others: list[Other]
) -> None:
    # Of three, the quickest: what the machine does beside the tests is no fault of the product.
    plain = min(seconds_until_known(others, value) for value in (5, 6, 7))
    for value in range(10, 30):
        change_option("test.size", value)
    for other in others:
        other.until(29)
    flushed, cut = [], []
    for value in (31, 32, 33):
        valkey().flushall()
        flushed.append(seconds_until_known(others, value))
    for value in (41, 42, 43):
        valkey().execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        cut.append(seconds_until_known(others, value))
    reset_option("test.size")
    for other in others:
        other.until(3)
    Setting.objects.create(name="test.size", value=8)  # nobody is told
    for other in others:
        other.until(8)

    assert max(plain, min(flushed), min(cut)) < 1.0


@at_once
def test_many_changes_are_read_together(size: Option) -> None:
    news = valkey().pubsub()
    news.subscribe(following.CHANNEL)
    news.get_message(timeout=5)

    with transaction.atomic():
        change_option("test.size", 5)
        told_early = news.get_message(timeout=0.2)

    message = news.get_message(timeout=5)
    news.close()
    assert told_early is None
    assert message is not None
    assert message["data"] == b"test.size"
