"""What a process knows of settings: no query for each use, and every process hears of a change."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection, transaction

from olympus.kernel.models import Setting
from olympus.kernel.options import Option, change_option, following, kept, option_value, reset_option
from olympus.kernel.valkey import valkey
from tests.support.options import declaring

at_once = pytest.mark.django_db(transaction=True)
_PATIENCE_S = 20.0


@pytest.fixture
def size() -> Iterator[Option]:
    with declaring("test.size", int, 3, "How large.") as option:
        yield option


def comes_true(is_it: Callable[[], bool]) -> bool:
    """This will wait until something is so."""
    until = time.monotonic() + _PATIENCE_S
    while not is_it() and time.monotonic() < until:
        time.sleep(0.02)
    return is_it()


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
        other.join(_PATIENCE_S)

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


_OTHER = """
import sys, django
django.setup()
from olympus.kernel.options import declare_option, follow_settings, option_value
size = declare_option("test.size", int, 3, "How large.")
follow_settings()
import time
said = None
while True:
    value = option_value(size)
    if value != said:
        print(value, flush=True)
        said = value
    time.sleep(0.01)
"""


@pytest.fixture
def other() -> Iterator[Callable[[], str]]:
    """Another process that follows, and prints each value it sees."""
    url = "import os; from django.conf import settings; "
    name = settings.DATABASES["default"]["NAME"]
    begin = f"{url}settings.DATABASES['default']['NAME'] = {name!r}\n"
    process = subprocess.Popen([sys.executable, "-c", begin + _OTHER], stdout=subprocess.PIPE, text=True)
    stdout = process.stdout
    assert stdout is not None
    yield lambda: stdout.readline().strip()
    process.kill()
    process.wait()
    stdout.close()


@at_once
def test_another_process_hears_of_a_change_a_reset_and_many_at_once(size: Option, other: Callable[[], str]) -> None:
    first = other()

    change_option("test.size", 5)
    changed = other()
    reset_option("test.size")
    reset = other()
    for value in range(10, 30):
        change_option("test.size", value)
    last = ""
    while last != "29":
        last = other()

    assert (first, changed, reset) == ("3", "5", "3")


@at_once
def test_a_change_nobody_told_of_is_known_all_the_same(size: Option, other: Callable[[], str]) -> None:
    other()

    Setting.objects.create(name="test.size", value=8)

    assert other() == "8"


@at_once
def test_a_valkey_that_forgets_everything_changes_nothing(size: Option, other: Callable[[], str]) -> None:
    other()
    valkey().flushdb()

    change_option("test.size", 6)

    assert other() == "6"


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
