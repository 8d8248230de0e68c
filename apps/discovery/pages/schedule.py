"""What runs by itself and how often, as the scheduler's tables have it."""

from dataclasses import dataclass
from datetime import datetime

from django_celery_beat.models import PeriodicTask

# Of all that the scheduler does, these are discovery's.
_OWN = "apps.discovery."


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    """One task that runs by itself."""

    name: str
    when: str
    is_enabled: bool
    last_run_at: datetime | None


def schedule_lines() -> list[ScheduleLine]:
    """This will tell what of discovery runs by itself."""
    rows = PeriodicTask.objects.filter(task__startswith=_OWN).select_related("interval", "crontab", "solar", "clocked")
    return [ScheduleLine(row.name, str(row.scheduler), row.enabled, row.last_run_at) for row in rows.order_by("name")]
