"""Chat's background jobs."""

from celery import shared_task

from apps.chat.services import remove_deleted


@shared_task
def remove_deleted_conversations() -> None:
    """This will remove conversations that have rested for 30 days."""
    remove_deleted()
