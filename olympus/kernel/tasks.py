"""The kernel's background jobs."""

from celery import shared_task
from django.utils import timezone

from olympus.kernel.idempotency import forget_answered


@shared_task
def forget_answered_requests() -> None:
    """This will remove kept answers nobody will ask for again."""
    forget_answered(now=timezone.now())
