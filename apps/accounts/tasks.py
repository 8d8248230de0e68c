"""The background jobs of accounts."""

from celery import shared_task
from django.utils import timezone

from apps.accounts.facade import charge_expired
from apps.accounts.services.limits import follow_load


@shared_task
def charge_lost_calls() -> None:
    """This will charge calls whose process was killed at what they held back."""
    charge_expired(now=timezone.now())


@shared_task
def follow_the_load() -> None:
    """This will tighten the rate limits while runs wait for a worker, and relax them after."""
    follow_load(now=timezone.now().timestamp())
