"""Schedules lie in the database: the code keeps its own in step and leaves an owner's changes alone."""

import pytest
from celery import current_app
from django.core.management import call_command
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from apps.discovery.services.schedules import Declared, declared_schedules, keep_in_step

pytestmark = pytest.mark.django_db

TASK = "olympus.kernel.tasks.forget_answered_requests"


def _every(name: str) -> int:
    return PeriodicTask.objects.get(name=name).interval.every


def test_every_schedule_of_the_product_is_a_row_whose_task_exists() -> None:
    current_app.loader.import_default_modules()

    rows = {row.name: row.task for row in PeriodicTask.objects.all()}

    assert rows.keys() == declared_schedules().keys()
    assert set(rows.values()) <= current_app.tasks.keys()


def test_the_scheduler_reads_them_from_the_database() -> None:
    scheduler = DatabaseScheduler(app=current_app, lazy=True)

    schedule = scheduler.all_as_schedule()

    assert schedule.keys() == declared_schedules().keys()
    assert schedule["model servers"].options["expires"]


def test_what_an_owner_changed_outlives_another_migration() -> None:
    keep_in_step({"round": Declared(TASK, 60)})
    row = PeriodicTask.objects.get(name="round")
    row.interval = IntervalSchedule.objects.create(every=5, period=IntervalSchedule.MINUTES)
    row.enabled = False
    row.save()

    keep_in_step({"round": Declared(TASK, 30)})

    row.refresh_from_db()
    assert (row.interval.every, row.interval.period, row.enabled) == (5, "minutes", False)


def test_a_new_default_reaches_a_row_nobody_changed() -> None:
    keep_in_step({"round": Declared(TASK, 60), "old": Declared(TASK, 60)})

    keep_in_step({"round": Declared("olympus.other", 30, 10)})

    row = PeriodicTask.objects.get(name="round")
    assert (row.task, row.interval.every, row.expire_seconds) == ("olympus.other", 30, 10)
    assert not PeriodicTask.objects.filter(name="old").exists()


def test_an_owners_own_row_is_not_touched() -> None:
    interval = IntervalSchedule.objects.create(every=7, period=IntervalSchedule.DAYS)
    PeriodicTask.objects.create(name="mine", task=TASK, interval=interval)

    keep_in_step({"round": Declared(TASK, 60)})

    assert _every("mine") == 7


def test_doing_it_again_writes_nothing(django_assert_num_queries: object) -> None:
    keep_in_step(declared_schedules())

    with django_assert_num_queries(4):  # type: ignore[operator]  # a savepoint, two reads
        keep_in_step(declared_schedules())


def test_a_removed_row_of_the_product_comes_back() -> None:
    PeriodicTask.objects.filter(name="models").delete()

    call_command("migrate", verbosity=0)

    assert _every("models") == 60
