"""Carrying out imports and exports: in steps that are each whole, so that a killed worker's successor goes on."""

import logging
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from time import monotonic
from typing import IO, Any, cast
from uuid import UUID, uuid4

from django.core.files import File
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.utils import timezone

from apps.accounts import facade as accounts
from apps.chat.attaching import MAX_SIZE_BYTES
from apps.chat.engine.transfer import Export, Item, NotReadable, Reason, Unread
from apps.chat.events import ConversationChanged, ConversationSummary
from apps.chat.models import Conversation, TransferJob, transfer_path
from apps.chat.selectors.transfers import ABANDONED_AFTER
from apps.chat.services.exporting import write_archive
from apps.chat.services.importing import Stored, note, store_conversation
from apps.chat.services.transfer import (
    State,
    beat_transfer,
    claim_transfer,
    end_transfer,
    give_back_transfer,
    hold_transfer,
    remove_surplus_exports,
    tell_progress,
)
from olympus.kernel.actor import Actor
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.errors import OlympusError

logger = logging.getLogger(__name__)
# A transaction's worth: as many conversations, or as many messages, whichever is first.
_STEP_CONVERSATIONS = 20
_BEAT_EVERY_S = 10.0
_TELL_EVERY_S = 0.5
# A report is read by a person; what is past it is counted.
_MAX_REPORT = 200


def carry_out(transfer_id: UUID) -> bool:
    """This will carry out a job and tell whether it did: not if another worker is at it, or too many are at work.

    What goes wrong here and not in the file passes, as when the database restarts: then the
    job goes back and is tried again, a few times at most.
    """
    now, claim = timezone.now(), uuid4().hex
    job = claim_transfer(transfer_id, claim=claim, now=now, abandoned_before=now - ABANDONED_AFTER)
    if job is None:
        return False
    with _beating(job.pk, claim):
        try:
            if job.kind == TransferJob.Kind.IMPORT:
                _import(job, claim)
            else:
                _export(job, claim)
        except NotReadable as broken:
            _end(job.pk, claim, State.ERROR, broken.reason.value)
        except OlympusError:
            logger.exception("transfer %s failed", job.pk)
            _end(job.pk, claim, State.ERROR, Reason.FAILED.value)
        except Exception:  # whatever it is, the job must not stay with a worker that has let it go
            logger.exception("transfer %s stopped", job.pk)
            give_back_transfer(job.pk, claim=claim)
            return False
    return True


def _import(job: TransferJob, claim: str) -> None:
    actor = accounts.actor_for_user(job.owner)
    if actor is None or not actor.may_write:
        _end(job.pk, claim, State.CANCELLED)
        return
    with job.file.open("rb") as file:
        export = Export(cast(Any, file))
        if job.total_count is None:
            TransferJob.objects.filter(pk=job.pk).update(total_count=export.count())
        items = iter(export)
        # What a worker before this one has stored is counted in the same transaction.
        for _done in islice(items, job.done_count + job.skipped_count + job.failed_count):
            pass
        while step := list(islice(items, _STEP_CONVERSATIONS)):
            if not _store_step(job.pk, claim, actor, step, export):
                return
    _finish_import(job.pk, claim)


def _store_step(transfer_id: UUID, claim: str, actor: Actor, step: list[Item], export: Export) -> bool:
    """One transaction; files it put on disk go again if it fails."""
    stored: list[Stored] = []
    try:
        with transaction.atomic():
            _one_at_a_time(actor)
            job = hold_transfer(transfer_id, claim=claim)
            if job is None:
                return False
            for item in step:
                _store(job, actor, item, export, stored)
            job.total_count = max(job.total_count or 0, job.done_count + job.skipped_count + job.failed_count)
            job.heartbeat_at = timezone.now()
            job.options = {**job.options, "tries": 0}
            job.save()
            tell_progress(job)
            _tell_lists(actor, stored)
    except BaseException:
        for one in stored:
            for attachment in one.files:
                attachment.file.delete(save=False)
        raise
    return True


def _store(job: TransferJob, actor: Actor, item: Item, export: Export, stored: list[Stored]) -> None:
    if isinstance(item, Unread):
        job.failed_count += 1
        _report(job, [note(item.title, item.reason)])
        return
    job.format = job.format or item.format.value
    try:
        with transaction.atomic():
            one = store_conversation(actor, item, lambda path: _file(export, path), now=timezone.now())
    except (DatabaseError, NotReadable) as error:
        logger.warning("a conversation of transfer %s could not be stored: %s", job.pk, type(error).__name__)
        job.failed_count += 1
        _report(job, [note(item.title, Reason.FAILED)])
        return
    stored.append(one)
    if one.new_count:
        job.done_count += 1
    else:
        job.skipped_count += 1
    _report(job, one.notes)


def _file(export: Export, path: str) -> bytes | None:
    return export.archive.read(path, limit_bytes=MAX_SIZE_BYTES) if export.archive else None


def _report(job: TransferJob, notes: list[dict[str, str]]) -> None:
    job.report = [*job.report, *notes][:_MAX_REPORT]


def _finish_import(transfer_id: UUID, claim: str) -> None:
    """A file of which nothing at all could be read is an error; else what could not be is in the report."""
    with transaction.atomic():
        job = hold_transfer(transfer_id, claim=claim)
        if job is None:
            return
        job.total_count = job.done_count + job.skipped_count + job.failed_count
        is_nothing = job.done_count + job.skipped_count == 0
        reasons = [entry["reason"] for entry in job.report]
        if is_nothing:
            reason = reasons[0] if len(reasons) == 1 else Reason.UNKNOWN_FORMAT if reasons else Reason.EMPTY
            end_transfer(job, State.ERROR, str(reason))
        else:
            end_transfer(job, State.COMPLETE)


def _export(job: TransferJob, claim: str) -> None:
    rows = Conversation.objects.filter(owner_id=job.owner_id, organization_id=job.organization_id, deleted_at=None)
    if "conversation_ids" in job.options:
        rows = rows.filter(pk__in=job.options["conversation_ids"])
    if "project" in job.options:
        rows = rows.filter(project_id=job.options["project"])
    job.total_count, job.done_count = rows.count(), 0
    job.save(update_fields=["total_count", "done_count"])
    last_told = monotonic()

    def told(done: int) -> bool:
        nonlocal last_told
        if monotonic() - last_told < _TELL_EVERY_S:
            return True
        last_told = monotonic()
        return _tell_done(job.pk, claim, done)

    with tempfile.TemporaryFile() as file:
        if write_archive(rows, cast(IO[bytes], file), job.options["format"], told):
            _keep(job.pk, claim, cast(IO[bytes], file))


def _tell_done(transfer_id: UUID, claim: str, done: int) -> bool:
    with transaction.atomic():
        job = hold_transfer(transfer_id, claim=claim)
        if job is None:
            return False
        job.done_count = done
        job.save(update_fields=["done_count"])
        tell_progress(job)
        return True


def _keep(transfer_id: UUID, claim: str, file: IO[bytes]) -> None:
    with transaction.atomic():
        job = hold_transfer(transfer_id, claim=claim)
        if job is None:
            return
        job.size_bytes = file.seek(0, 2)
        file.seek(0)
        job.file_name = f"olympus-{job.options['format']}-{timezone.localdate().isoformat()}.zip"
        # A worker killed before this one may have left its file under the same name.
        job.file.storage.delete(transfer_path(job, "file"))
        job.file.save("file", File(file), save=False)
        job.done_count = job.total_count or 0
        end_transfer(job, State.COMPLETE)
        remove_surplus_exports(job.owner_id)


def _end(transfer_id: UUID, claim: str, state: TransferJob.State, error: str = "") -> None:
    with transaction.atomic():
        job = hold_transfer(transfer_id, claim=claim)
        if job is not None:
            end_transfer(job, state, error)


def _tell_lists(actor: Actor, stored: list[Stored]) -> None:
    """One message a step: lists read themselves anew, however many came."""
    changed = [one.conversation for one in stored if one.conversation and one.new_count]
    if changed:
        summary = ConversationSummary(id=changed[-1].pk, title=changed[-1].title, is_temporary=False)
        tell_user_after_commit(actor.user_id, ConversationChanged(conversation=summary))


def _one_at_a_time(actor: Actor) -> None:
    """Two imports of one file by one person would both find a conversation missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [f"import of {actor.user_id}"])


@contextmanager
def _beating(transfer_id: UUID, claim: str) -> Iterator[None]:
    """While inside, the job is known to be worked at, however long a step takes."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(_BEAT_EVERY_S):
            try:
                beat_transfer(transfer_id, claim=claim, now=timezone.now())
            except DatabaseError:
                logger.warning("transfer %s could not say that it lives", transfer_id)
            finally:
                close_old_connections()

    thread = threading.Thread(target=beat, name="transfer-beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
