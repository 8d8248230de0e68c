"""The Celery application: inference runs, schedules, background jobs."""

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import beat_embedded_init, worker_ready

from olympus.kernel.collecting import leave_out_what_is_loaded
from olympus.runtime.process import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "olympus.settings")

app = Celery("olympus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Made in the worker, called in the scheduler it forks: a scheduler must not outlive a killed worker.
_end_with_the_worker = die_with_parent(signal.SIGKILL)


@beat_embedded_init.connect
def _tie_scheduler_to_worker(**_: Any) -> None:
    _end_with_the_worker()


@worker_ready.connect
def _watch_scheduler(sender: Any, **_: Any) -> None:
    from olympus.runtime.scheduling import keep_scheduling  # noqa: PLC0415 - a part of Celery that only a worker loads

    if sender.controller.beat is not None:
        keep_scheduling(sender.controller.beat)


@worker_ready.connect
def _keep_streams_going(**_: Any) -> None:
    from olympus.kernel.options import follow_settings  # noqa: PLC0415 - needs Django's apps

    follow_settings()
    leave_out_what_is_loaded()
