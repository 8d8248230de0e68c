"""What passes stops no import or export for good, and what never passes ends it."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection

from apps.chat.models import Conversation, TransferJob
from apps.chat.services.carrying import carry_out
from apps.chat.services.transfer import MAX_TRIES, order_export, order_import
from tests.chat.transferring import as_json, chatgpt
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
SAID = (("a", "user", None, "Hi"), ("b", "assistant", "a", "Hello"))


def failing(at: Callable[[int], bool], error: Exception) -> Any:
    """Let the database fail at some of the steps of an import."""
    steps: list[str] = []

    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if "pg_advisory_xact_lock" in sql and "1))" in sql:
            steps.append(sql)
            if at(len(steps)):
                raise error
        return execute(sql, *rest)

    return connection.execute_wrapper(fail)


def import_of(who: Someone, count: int) -> TransferJob:
    data = as_json(*(chatgpt(*SAID, key=f"c{number}") for number in range(count)))
    return order_import(who.actor, name="a.json", size_bytes=len(data), file=io.BytesIO(data))


def test_an_import_goes_on_where_it_stood_after_the_database_was_gone(member: Someone) -> None:
    job = import_of(member, 45)

    with failing(lambda step: step == 3, OperationalError("terminating connection")):
        assert carry_out(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.done_count) == ("queued", 40)
    carry_out(job.pk)

    job.refresh_from_db()
    assert (job.state, job.done_count, job.skipped_count, job.failed_count) == ("complete", 45, 0, 0)
    assert Conversation.objects.count() == 45


def test_getting_further_counts_as_a_new_beginning(member: Someone) -> None:
    job = import_of(member, 20 * (MAX_TRIES + 2))

    with failing(lambda step: step % 2 == 0, OperationalError("terminating connection")):
        while not carry_out(job.pk):
            job.refresh_from_db()
            assert job.state == "queued"

    job.refresh_from_db()
    assert (job.state, job.done_count) == ("complete", 20 * (MAX_TRIES + 2))


def test_what_never_passes_ends_in_an_error_and_frees_its_place(member: Someone) -> None:
    job = import_of(member, 3)

    with failing(lambda _: True, RuntimeError("a fault of ours")):
        for _ in range(MAX_TRIES):
            assert carry_out(job.pk) is False
        assert carry_out(job.pk) is False

    job.refresh_from_db()
    assert (job.state, job.error_message, job.file.name) == ("error", "failed", "")


def test_an_export_that_brings_its_worker_down_each_time_is_not_tried_for_ever(member: Someone) -> None:
    job = order_export(member.actor, format="json")
    TransferJob.objects.filter(pk=job.pk).update(state="running", options={**job.options, "tries": MAX_TRIES})

    assert carry_out(job.pk) is False

    job.refresh_from_db()
    assert (job.state, job.error_message) == ("error", "failed")
