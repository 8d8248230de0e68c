"""Background work of inference: model lists are asked for here, so that no page waits for a server."""

import os
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone

from apps.accounts.facade import default_organization_id
from apps.inference.caching.semantic import forget_expired
from apps.inference.discovery import find_local_ollama
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
    """This will look whether each server in use is there, and what Ollama has in memory; it loads no model."""
    probing.look_at_servers()


@shared_task(name="apps.inference.tasks.forget_expired_answers", expires=600)
def forget_expired_answers() -> None:
    """This will remove kept answers whose time is over."""
    forget_expired(timezone.now())


@worker_ready.connect
def _refresh_at_start(**_: Any) -> None:
    """The first refresh does not wait for the schedule: servers too slow for the start are asked again now."""
    refresh_models.delay()
