"""Chat's background jobs."""

from uuid import UUID

from celery import shared_task
from django.db import close_old_connections
from django.utils import timezone

from apps.chat.jobs import queue_transfer
from apps.chat.selectors.transfers import untaken_transfers
from apps.chat.services import remove_deleted
from apps.chat.services.carrying import carry_out
from apps.chat.services.transfer import remove_old_transfers


@shared_task
def remove_deleted_conversations() -> None:
    """This will remove conversations that have rested for 30 days."""
    remove_deleted()


@shared_task
def carry_out_transfer(transfer_id: str) -> None:
    """This will carry out an import or export, then look for the next that waits."""
    try:
        if carry_out(UUID(transfer_id)):
            take_up_transfers()
    finally:
        close_old_connections()


@shared_task
def take_up_transfers() -> None:
    """This will tell workers of imports and exports that nobody is at: the broker was down, or a worker was killed."""
    for transfer_id in untaken_transfers(now=timezone.now()):
        queue_transfer(transfer_id)


@shared_task
def remove_old_transfer_files() -> None:
    """This will remove imports and exports that ended a week ago."""
    remove_old_transfers(now=timezone.now())
