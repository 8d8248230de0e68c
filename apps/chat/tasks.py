"""Chat's background jobs."""

import time
from uuid import UUID

from celery import shared_task
from django.db import close_old_connections
from django.utils import timezone

from apps.chat.jobs import queue_transfer
from apps.chat.selectors.transfers import untaken_transfers
from apps.chat.services import remove_deleted
from apps.chat.services.carrying import carry_out
from apps.chat.services.indexing import index_pending
from apps.chat.services.transfer import remove_old_transfers
from apps.chat.titles import title_desk

# Less than a scheduler's step would leave a great import to many steps; more keeps a thread of the worker too long.
_READING_S = 60.0


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


@shared_task
def give_title(conversation_id: str, answer_id: str) -> None:
    """This will have a conversation named by its model, apart from what this worker's tasks wait for."""
    title_desk().take(UUID(conversation_id), UUID(answer_id))


@shared_task
def read_changed_texts() -> None:
    """This will read what was written since the last time into the search index."""
    end = time.monotonic() + _READING_S
    try:
        while index_pending() and time.monotonic() < end:
            pass
    finally:
        close_old_connections()
