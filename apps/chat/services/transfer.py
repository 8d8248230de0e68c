"""Imports and exports as jobs: ordered, claimed by one worker at a time, cancelled, cleared away."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.core.files import File
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.chat.access.permissions import check_writes
from apps.chat.access.transfers import transfer_for_writing
from apps.chat.engine.transfer import Reason
from apps.chat.errors import TransferOver, TransfersBusy
from apps.chat.events import TransferProgress
from apps.chat.jobs import queue_transfer_after_commit
from apps.chat.models import Conversation, Project, TransferJob
from apps.chat.selectors.transfers import live_transfers
from olympus.kernel.actor import Actor
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.errors import Invalid, NotFound
from olympus.kernel.text import clean_text

# An export with its pictures; it is streamed to the disk and read from there.
MAX_IMPORT_BYTES = 200 * 1024 * 1024
_MAX_LIVE = 2
# Each takes a thread of the worker that answers also need.
_MAX_RUNNING = 3
# Longer than a person needs to fetch an export; what is gone is made again.
FILES_KEPT = timedelta(days=7)
# Each may be as large as all a person has; who orders one after the other keeps the newest.
_EXPORTS_KEPT = 10
_MAX_CHOSEN = 10_000
# A job that brought so many workers down without getting further is at fault itself.
MAX_TRIES = 5
EXPORT_FORMATS = ("json", "markdown")
State = TransferJob.State


def order_import(actor: Actor, *, name: str, size_bytes: int, file: Any) -> TransferJob:
    """This will keep an export of some product and order its import.

    Raises:
        Invalid: nothing is in it, or it is too large.
        TransfersBusy: two of the person's are at work.
    """
    check_writes(actor)
    if size_bytes > MAX_IMPORT_BYTES:
        raise Invalid(
            _("An import may have 200 MB at most. Split the export, or leave its pictures out."), field="file"
        )
    if size_bytes == 0:
        raise Invalid(_("This file is empty."), field="file")
    plain = "".join(c for c in clean_text(name).replace("\\", "/").rpartition("/")[2] if c.isprintable())
    job = TransferJob(kind=TransferJob.Kind.IMPORT, file_name=plain[-200:] or "import", size_bytes=size_bytes)
    job.organization_id, job.owner_id = actor.organization_id, actor.user_id
    with transaction.atomic():
        _check_not_busy(actor)
        job.file.save("file", file if isinstance(file, File) else File(file), save=False)
        job.save(force_insert=True)
        queue_transfer_after_commit(job.pk)
    return job


@transaction.atomic
def order_export(
    actor: Actor,
    *,
    format: str,  # noqa: A002 - the word of the API
    conversation_ids: Sequence[UUID] | None = None,
    project_id: UUID | None = None,
) -> TransferJob:
    """This will order an export of all the person's conversations, some, or those of a project.

    Raises:
        NotFound: a conversation or the project is not there or not theirs.
        TransfersBusy: two of the person's are at work.
    """
    check_writes(actor)
    if format not in EXPORT_FORMATS:
        raise Invalid(_("Choose JSON or Markdown."), field="format")
    if conversation_ids is not None and project_id is not None:
        raise Invalid(_("Name conversations or a project, not both."), field="project")
    _check_theirs(actor, conversation_ids, project_id)
    _check_not_busy(actor)
    options: dict[str, Any] = {"format": format}
    if conversation_ids is not None:
        options["conversation_ids"] = [str(pk) for pk in dict.fromkeys(conversation_ids)]
    if project_id is not None:
        options["project"] = str(project_id)
    job = TransferJob.objects.create(
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        kind=TransferJob.Kind.EXPORT,
        format=format,
        options=options,
    )
    queue_transfer_after_commit(job.pk)
    return job


@transaction.atomic
def cancel_transfer(actor: Actor, *, transfer_id: UUID) -> TransferJob:
    """This will end an import or export; what was imported so far stays.

    Raises:
        TransferOver: it is over already.
    """
    job = transfer_for_writing(actor, transfer_id)
    if job.state not in (State.QUEUED, State.RUNNING):
        raise TransferOver
    end_transfer(job, State.CANCELLED)
    return job


def claim_transfer(transfer_id: UUID, *, claim: str, now: datetime, abandoned_before: datetime) -> TransferJob | None:
    """This will take a job that waits, or whose worker is gone; None if there is nothing to take."""
    with transaction.atomic():
        _lock("transfers")
        job = TransferJob.objects.select_for_update().filter(pk=transfer_id).first()
        if job is None or not _may_be_taken(job, abandoned_before):
            return None
        running = TransferJob.objects.filter(state=State.RUNNING, heartbeat_at__gte=abandoned_before)
        if running.exclude(pk=job.pk).count() >= _MAX_RUNNING:
            return None
        tries = job.options.get("tries", 0)
        if tries >= MAX_TRIES:
            end_transfer(job, State.ERROR, Reason.FAILED.value)
            return None
        job.state, job.heartbeat_at = State.RUNNING, now
        job.options = {**job.options, "claim": claim, "tries": tries + 1}
        job.save(update_fields=["state", "heartbeat_at", "options"])
        return job


def hold_transfer(transfer_id: UUID, *, claim: str) -> TransferJob | None:
    """This will lock a job inside a transaction; None if it was cancelled or another worker has it by now."""
    job = TransferJob.objects.select_for_update().filter(pk=transfer_id, state=State.RUNNING).first()
    return job if job is not None and job.options.get("claim") == claim else None


def give_back_transfer(transfer_id: UUID, *, claim: str) -> None:
    """This will let another try take a job up again."""
    TransferJob.objects.filter(pk=transfer_id, state=State.RUNNING, options__claim=claim).update(state=State.QUEUED)


def end_transfer(job: TransferJob, state: TransferJob.State, error: str = "") -> None:
    """This will end a locked job and tell; an import's own file goes with it."""
    job.state, job.error_message, job.finished_at = state, error[:1000], timezone.now()
    if job.kind == TransferJob.Kind.IMPORT and job.file:
        storage, name = job.file.storage, job.file.name
        transaction.on_commit(lambda: storage.delete(name or ""))
        job.file = ""
    job.save()
    tell_progress(job)


def tell_progress(job: TransferJob) -> None:
    """This will tell the person's open pages how far a job is."""
    progress = TransferProgress(
        id=job.pk,
        kind=job.kind,
        state=job.state,
        total=job.total_count,
        done=job.done_count,
        skipped=job.skipped_count,
        failed=job.failed_count,
    )
    tell_user_after_commit(job.owner_id, progress)


def beat_transfer(transfer_id: UUID, *, claim: str, now: datetime) -> None:
    """This will say that a job is still being worked at."""
    TransferJob.objects.filter(pk=transfer_id, state=State.RUNNING, options__claim=claim).update(heartbeat_at=now)


def remove_old_transfers(*, now: datetime) -> int:
    """This will remove jobs that ended a week ago, with their files, and tell how many."""
    old = list(TransferJob.objects.filter(finished_at__lt=now - FILES_KEPT)[:1000])
    for job in old:
        if job.file:
            job.file.delete(save=False)
        job.delete()
    return len(old)


def remove_surplus_exports(owner_id: UUID) -> None:
    """This will remove a person's finished exports but the newest, with their files, inside a transaction."""
    finished = TransferJob.objects.filter(owner_id=owner_id, kind=TransferJob.Kind.EXPORT, state=State.COMPLETE)
    for job in list(finished.order_by("-finished_at", "-id")[_EXPORTS_KEPT:]):
        if job.file:
            transaction.on_commit(partial(job.file.storage.delete, str(job.file.name)))
        job.delete()


def _may_be_taken(job: TransferJob, abandoned_before: datetime) -> bool:
    is_abandoned = job.heartbeat_at is None or job.heartbeat_at < abandoned_before
    return job.state == State.QUEUED or (job.state == State.RUNNING and is_abandoned)


def _check_theirs(actor: Actor, conversation_ids: Sequence[UUID] | None, project_id: UUID | None) -> None:
    if conversation_ids is not None:
        if not 0 < len(conversation_ids) <= _MAX_CHOSEN:
            raise Invalid(_("Choose at least one conversation, and at most 10,000."), field="conversation_ids")
        theirs = Conversation.objects.filter(
            pk__in=conversation_ids, owner_id=actor.user_id, organization_id=actor.organization_id, deleted_at=None
        )
        if theirs.count() != len(set(conversation_ids)):
            raise NotFound(_("One of these conversations does not exist, or it is another person's."))
    if project_id is not None:
        shown = Conversation.objects.filter(project_id=project_id, owner_id=actor.user_id)
        theirs_too = Project.objects.filter(pk=project_id, owner_id=actor.user_id, deleted_at=None)
        if not shown.exists() and not theirs_too.exists():
            raise NotFound(_("This project does not exist, or it is another person's."))


def _check_not_busy(actor: Actor) -> None:
    _lock(f"transfers of {actor.user_id}")
    if live_transfers(owner_id=actor.user_id).count() >= _MAX_LIVE:
        raise TransfersBusy


def _lock(name: str) -> None:
    """Hold a name until the transaction ends: rows to come cannot be locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
