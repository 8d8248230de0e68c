"""The product's schedules in the scheduler's tables, kept in step without losing what an owner changed."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from django.conf import settings
from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.discovery.models import DeclaredSchedule


@dataclass(frozen=True, slots=True)
class Declared:
    """A schedule as the settings say it: which task, how often, and when a late message is worth nothing."""

    task: str
    every_s: int
    expires_s: int | None = None


def declared_schedules() -> dict[str, Declared]:
    """This will read the schedules the product declares."""
    return msgspec.convert(settings.OLYMPUS_SCHEDULES, dict[str, Declared])


@transaction.atomic
def keep_in_step(schedules: Mapping[str, Declared]) -> None:
    """This will write what the product declares into the scheduler's tables.

    A row whose interval an owner changed, and one that was turned off, stays so; what the product declares
    no longer goes; rows of the owner's own are not touched.
    """
    rows = {row.name: row for row in PeriodicTask.objects.filter(name__in=schedules).select_related("interval")}
    known = {row.name: row.every_s for row in DeclaredSchedule.objects.all()}
    gone = known.keys() - schedules.keys()
    if gone:
        PeriodicTask.objects.filter(name__in=gone).delete()
        DeclaredSchedule.objects.filter(name__in=gone).delete()
    for name, declared in schedules.items():
        row = rows.get(name) or PeriodicTask(name=name)
        is_new = row.pk is None or _follows(row, known.get(name), declared)
        if is_new:
            row.interval = _interval(declared)
        _store(row, declared, is_new_interval=is_new)
        if known.get(name) != declared.every_s:
            DeclaredSchedule.objects.update_or_create(name=name, defaults={"every_s": declared.every_s})


def _follows(row: PeriodicTask, before_s: int | None, declared: Declared) -> bool:
    """Whether a row still had what the product said before, which is now another."""
    return row.interval is not None and before_s != declared.every_s and _seconds(row.interval) == before_s


def _store(row: PeriodicTask, declared: Declared, *, is_new_interval: bool) -> None:
    wanted = (declared.task, declared.expires_s)
    if row.pk is None or is_new_interval or (row.task, row.expire_seconds) != wanted:
        row.task, row.expire_seconds = wanted
        row.save()


def _interval(declared: Declared) -> IntervalSchedule:
    return IntervalSchedule.objects.filter(every=declared.every_s, period=IntervalSchedule.SECONDS).first() or (
        IntervalSchedule.objects.create(every=declared.every_s, period=IntervalSchedule.SECONDS)
    )


def _seconds(interval: IntervalSchedule) -> float:
    return interval.schedule.run_every.total_seconds()
