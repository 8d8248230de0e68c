"""The run engine's Celery tasks: each hands over to the process's runner and returns."""

from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown
from django.conf import settings
from django.db import close_old_connections

from apps.agents.worker.runner import process_runner


@shared_task
def take_up_run(run_id: str, traceparent: str = "") -> None:
    """This will claim the run's lease and hand it to the process's loop, in the trace it was ordered in."""
    try:
        process_runner().take(UUID(run_id), traceparent)
    finally:
        close_old_connections()


@worker_ready.connect
def _start(**_: Any) -> None:
    process_runner()


@worker_shutdown.connect
def _drain(**_: Any) -> None:
    process_runner().drain(settings.OLYMPUS_DRAIN_S)
