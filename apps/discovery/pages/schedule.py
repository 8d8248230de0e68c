"""What runs by itself and how often, as the scheduler's tables have it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_celery_beat.models import PeriodicTask

# Of all that the scheduler does, these are discovery's.
_OWN = "apps.discovery."
_NAMES: dict[str, Callable[[], str]] = {
    "look around": lambda: _("Look around on this machine"),
    "look at networks": lambda: _("Look at granted networks"),
    "services": lambda: _("Ask services how they are"),
}


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
    return [ScheduleLine(_name(row), _when(row), row.enabled, row.last_run_at) for row in rows.order_by("name")]


def _name(row: PeriodicTask) -> str:
    """What the product declares in words; what an owner added as they called it."""
    return _NAMES[row.name]() if row.name in _NAMES else row.name


def _when(row: PeriodicTask) -> str:
    """An interval in the largest unit that measures it; anything else as the scheduler words it."""
    if row.interval is None:
        return str(row.scheduler)
    seconds = round(row.interval.schedule.run_every.total_seconds())
    if seconds % 86_400 == 0:
        return ngettext("every day", "every %(n)s days", seconds // 86_400) % {"n": seconds // 86_400}
    if seconds % 3600 == 0:
        return ngettext("every hour", "every %(n)s hours", seconds // 3600) % {"n": seconds // 3600}
    if seconds % 60 == 0:
        return ngettext("every minute", "every %(n)s minutes", seconds // 60) % {"n": seconds // 60}
    return ngettext("every second", "every %(n)s seconds", seconds) % {"n": seconds}
