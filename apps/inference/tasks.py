"""Background work of inference: model lists are asked for here, so that no page waits for a server."""

import os
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from apps.accounts.facade import default_organization_id
from apps.inference.caching.semantic import forget_expired
from apps.inference.discovery import find_local_ollama
from apps.inference.managing.bringing import desk
from apps.inference.managing.claiming import idle_jobs
from apps.inference.memory.managing import decide_memory, load_now
from apps.inference.pool import probing
from apps.inference.services import refresh_providers


@shared_task(name="apps.inference.tasks.refresh_models", expires=60)
def refresh_models() -> None:
    """This will ask every provider for its models, and look for an Ollama started since."""
    if os.environ.get("OLYMPUS_AUTODETECT") != "0":
        find_local_ollama(default_organization_id())
    refresh_providers()


@shared_task(name="apps.inference.tasks.look_at_servers", expires=10)
def look_at_servers() -> None:
    """This will look whether each server in use is there, and what Ollama has in memory; it loads no model.

    Models on their way that no worker is at are taken up: the broker was down, or a worker was killed.
    """
    for job_id in idle_jobs(now=timezone.now()):
        desk().take(job_id)
    probing.look_at_servers()


@shared_task(name="apps.inference.tasks.bring_model")
def bring_model(job_id: str) -> None:
    """This will bring a model onto a server, on the process's loop."""
    desk().take(UUID(job_id))


@shared_task(name="apps.inference.tasks.manage_memory", expires=10)
def manage_memory() -> None:
    """This will decide which models stay in the memory of Ollama servers, and which are loaded ahead."""
    decide_memory(lambda provider_id, model, keep_s: load_model.delay(str(provider_id), model, keep_s))


@shared_task(name="apps.inference.tasks.load_model", expires=60)
def load_model(provider_id: str, model: str, keep_s: int) -> None:
    """This will have a server load a model, which may take minutes."""
    load_now(UUID(provider_id), model, keep_s)


@shared_task(name="apps.inference.tasks.forget_expired_answers", expires=600)
def forget_expired_answers() -> None:
    """This will remove kept answers whose time is over."""
    forget_expired(timezone.now())


@worker_ready.connect
def _refresh_at_start(**_: Any) -> None:
    """The first refresh does not wait for the schedule: servers too slow for the start are asked again now."""
    refresh_models.delay()
