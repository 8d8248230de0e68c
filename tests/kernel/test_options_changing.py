"""Changing settings: versions, undo, two at once, and what does not fit."""

import threading
from collections.abc import Iterator
from typing import Annotated, Literal
from uuid import uuid4

import pytest
from django.db import close_old_connections, connection
from msgspec import Meta

from olympus.kernel.errors import Invalid, NotFound
from olympus.kernel.models import AuditEntry, Setting, SettingVersion
from olympus.kernel.options import (
    NothingToUndo,
    Option,
    SettingChangedMeanwhile,
    change_option,
    declared_options,
    misfit_of,
    option_value,
    reset_option,
    undo_option,
    version_of,
)
from olympus.kernel.options.kept import Misfit
from tests.support.options import declaring

pytestmark = pytest.mark.django_db


@pytest.fixture
def size() -> Iterator[Option]:
    with declaring("test.size", Annotated[int, Meta(ge=1, le=9)], 3, "How large.") as option:
        yield option


@pytest.fixture
def limit() -> Iterator[Option]:
    with declaring("test.limit", int | None, 3, "How many, if there is a limit.") as option:
        yield option


def test_a_setting_has_its_default_until_it_is_changed(size: Option) -> None:
    before = option_value(size)

    change_option("test.size", 5, changed_by_id=None)

    assert (before, option_value(size)) == (3, 5)
    assert declared_options()["test.size"] is size


def test_every_change_is_kept_with_who_made_it_and_audited(size: Option) -> None:
    who = uuid4()

    change_option("test.size", 5, changed_by_id=who)
    reset_option("test.size")

    versions = SettingVersion.objects.order_by("number").values_list("number", "value", "is_default", "changed_by_id")
    assert list(versions) == [(1, 5, False, who), (2, 3, True, None)]
    first, second = AuditEntry.objects.order_by("created_at")
    assert (first.action, first.actor_id, first.detail) == ("setting.change", who, {"value": 5, "before": 3})
    assert (second.action, second.detail) == ("setting.reset", {"value": 3, "before": 5})


def test_what_it_is_already_is_no_change(size: Option) -> None:
    change_option("test.size", 3)
    reset_option("test.size")

    assert not SettingVersion.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_reset_setting_follows_the_default(size: Option) -> None:
    change_option("test.size", 5)

    reset_option("test.size")

    assert option_value(size) == 3
    assert not Setting.objects.exists()


def test_the_last_change_is_undone_and_done_again(size: Option) -> None:
    change_option("test.size", 5)
    change_option("test.size", 6)

    undo_option("test.size")
    undone = option_value(size)
    undo_option("test.size")

    assert (undone, option_value(size), version_of("test.size")) == (5, 6, 4)


def test_the_first_change_undone_is_the_default(size: Option) -> None:
    change_option("test.size", 5)

    undo_option("test.size")

    assert option_value(size) == 3
    assert not Setting.objects.exists()


def test_any_version_comes_back(size: Option) -> None:
    for value in (5, 6, 7):
        change_option("test.size", value)

    undo_option("test.size", to_version=1)
    first = option_value(size)
    undo_option("test.size", to_version=0)

    assert (first, option_value(size)) == (5, 3)


def test_a_version_that_never_was_or_no_change_at_all_cannot_be_undone(size: Option) -> None:
    with pytest.raises(NothingToUndo):
        undo_option("test.size")
    change_option("test.size", 5)

    with pytest.raises(NotFound):
        undo_option("test.size", to_version=7)


def test_a_version_that_fits_no_more_is_refused(size: Option) -> None:
    SettingVersion.objects.create(name="test.size", number=1, value=400)
    SettingVersion.objects.create(name="test.size", number=2, value=5)

    with pytest.raises(Invalid):
        undo_option("test.size")


@pytest.mark.parametrize("value", ["large", 0, 10, 5.5, None, True, [], 10**400, "\x00", float("nan")])
def test_a_value_that_does_not_fit_is_refused_in_words(size: Option, value: object) -> None:
    with pytest.raises(Invalid, match="whole number from 1 to 9") as caught:
        change_option("test.size", value, changed_by_id=None)

    assert caught.value.field == "test.size"
    assert option_value(size) == 3


def test_no_value_is_a_value_where_the_setting_takes_it(limit: Option) -> None:
    change_option("test.limit", None)
    nothing = option_value(limit)

    undo_option("test.limit")

    assert (nothing, option_value(limit)) == (None, 3)


def test_a_stored_value_that_fits_no_more_gives_way_to_the_default(
    size: Option, caplog: pytest.LogCaptureFixture
) -> None:
    change_option("test.size", 5)
    fitting = misfit_of(size)
    Setting.objects.update(value="large")

    values = {option_value(size) for _each in range(3)}

    assert (fitting, values, misfit_of(size)) == (None, {3}, Misfit("large"))
    assert len(caplog.records) == 1


def test_what_equals_a_stored_value_that_fits_no_more_is_a_change(size: Option) -> None:
    change_option("test.size", 5)
    Setting.objects.update(value=True)

    change_option("test.size", 1)

    assert (option_value(size), misfit_of(size), version_of("test.size")) == (1, None, 2)


def test_what_its_check_refuses_is_not_stored_and_does_not_come_back() -> None:
    def check(value: int) -> None:
        if value % 2:
            raise Invalid("Enter an even number.")

    SettingVersion.objects.create(name="test.even", number=1, value=3)
    SettingVersion.objects.create(name="test.even", number=2, value=4)
    with declaring("test.even", int, 2, "How many.", check=check):
        for attempt in (lambda: change_option("test.even", 5), lambda: undo_option("test.even")):
            with pytest.raises(Invalid, match="even"):
                attempt()

    assert not Setting.objects.exists()


def test_a_text_that_is_too_long_or_not_storable_does_not_reach_the_database() -> None:
    with declaring("test.name", str, "", "A name."):
        with pytest.raises(Invalid):
            change_option("test.name", "x" * 20_000)
        change_option("test.name", "a\x00b\ud800")

    assert Setting.objects.get().value == "a\ufffdb\ufffd"


def test_a_choice_that_is_none_is_refused_with_those_there_are() -> None:
    tone = declaring("test.tone", Literal["low", "high"], "low", "Which tone.")

    with tone, pytest.raises(Invalid, match="low, high"):
        change_option("test.tone", "medium")


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(NotFound):
        change_option("test.unknown", 1, changed_by_id=None)


def test_a_change_to_what_is_not_there_any_more_is_refused(size: Option) -> None:
    change_option("test.size", 5, expected_version=0)

    for attempt in (
        lambda: change_option("test.size", 6, expected_version=0),
        lambda: reset_option("test.size", expected_version=0),
        lambda: undo_option("test.size", expected_version=0),
    ):
        with pytest.raises(SettingChangedMeanwhile):
            attempt()

    assert option_value(size) == 5


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_at_once_one_is_told_and_nothing_is_lost(size: Option) -> None:
    refused: list[int] = []
    ready = threading.Barrier(8)

    def change(value: int) -> None:
        try:
            ready.wait(10)
            change_option("test.size", value, expected_version=0)
        except SettingChangedMeanwhile:
            refused.append(value)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=change, args=(value,)) for value in (1, 2, 4, 5, 6, 7, 8, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(refused) == 7
    assert version_of("test.size") == 1
    assert option_value(size) not in refused
