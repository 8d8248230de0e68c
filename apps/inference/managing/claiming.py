"""Models on their way as workers see them: one worker a job, one job a server at a time, none lost."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from apps.accounts import facade as accounts
from apps.inference.contracts import ProviderKind
from apps.inference.engine.managing.progress import Progress
from apps.inference.engine.managing.steps import Failed
from apps.inference.engine.managing.troubles import Trouble
from apps.inference.engine.wire import Server
from apps.inference.managing.errors import MANAGED
from apps.inference.managing.telling import progress_of, tell
from apps.inference.models import ModelJob, Provider
from olympus.kernel.crypto import Undecipherable

State = ModelJob.State
# A worker writes every few seconds; one that was silent for so long is gone.
ABANDONED_AFTER = timedelta(seconds=30)
# A job that took so many workers with it is at fault itself.
MAX_TRIES = 5


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job taken by this worker: what to ask of which server, and whom to tell. `spec` is the rest of the request."""

    job_id: UUID
    claim: str
    kind: ModelJob.Kind
    provider_id: UUID
    server: Server = field(repr=False)
    model: str
    spec: dict[str, Any]
    told: tuple[UUID, ...]


def claim_job(job_id: UUID, *, claim: str, now: datetime) -> Claimed | None:
    """This will take a job that waits, or whose worker is gone; None if there is nothing to take or its server is busy."""
    with transaction.atomic():
        job = ModelJob.objects.select_for_update(of=("self",)).select_related("provider").filter(pk=job_id).first()
        if job is None or not _is_idle(job, now):
            return None
        if job.kind != ModelJob.Kind.LOAD and _is_busy(job, now):
            return None
        failure = _unfit(job)
        if failure is not None:
            _end(job, failure, now)
            return None
        job.state, job.claim, job.heartbeat_at, job.tries = State.RUNNING, claim, now, job.tries + 1
        job.save(update_fields=["state", "claim", "heartbeat_at", "tries"])
        claimed = _claimed(job, tuple(accounts.administrators_of(job.organization_id)))
        transaction.on_commit(lambda: tell(claimed.told, progress_of(job)))
        return claimed


def note_progress(claimed: Claimed, progress: Progress, *, now: datetime) -> bool:
    """This will keep how far a job is and tell; False if it was cancelled or is another worker's by now."""
    mine = ModelJob.objects.filter(pk=claimed.job_id, claim=claimed.claim, state=State.RUNNING)
    kept = {
        "step": progress.words[:200],
        "total_bytes": progress.total_bytes,
        "done_bytes": progress.done_bytes,
        "bytes_per_s": progress.bytes_per_s,
    }
    if not mine.update(heartbeat_at=now, **kept):
        return False
    job = mine.first()
    if job is not None:
        tell(claimed.told, progress_of(job))
    return True


def end_job(claimed: Claimed, failure: Failed | None, progress: Progress, *, now: datetime) -> None:
    """This will keep what became of a job, unless it was cancelled meanwhile."""
    with transaction.atomic():
        job = ModelJob.objects.select_for_update().filter(pk=claimed.job_id, claim=claimed.claim).first()
        if job is None or job.state != State.RUNNING:
            return
        job.total_bytes, job.done_bytes, job.step = progress.total_bytes, progress.done_bytes, progress.words[:200]
        _end(job, failure, now)


def idle_jobs(*, now: datetime, provider_id: UUID | None = None) -> list[UUID]:
    """This will list what no worker is at, oldest first."""
    gone = Q(state=State.RUNNING) & (Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - ABANDONED_AFTER))
    rows = ModelJob.objects.filter(Q(state=State.QUEUED) | gone)
    rows = rows.filter(provider_id=provider_id) if provider_id else rows
    return list(rows.order_by("id").values_list("pk", flat=True)[:100])


def provider_of(provider_id: UUID) -> Provider | None:
    """This will read a server that may have been removed meanwhile."""
    return Provider.objects.filter(pk=provider_id).first()


def _is_idle(job: ModelJob, now: datetime) -> bool:
    is_gone = job.heartbeat_at is None or job.heartbeat_at < now - ABANDONED_AFTER
    return job.state == State.QUEUED or (job.state == State.RUNNING and is_gone)


def _unfit(job: ModelJob) -> Failed | None:
    if job.tries >= MAX_TRIES:
        return Failed(Trouble.LOST)
    if not job.provider.is_enabled or ProviderKind(job.provider.kind) not in MANAGED:
        return Failed(Trouble.UNREACHABLE)
    try:
        return Failed(Trouble.UNREACHABLE) if job.provider.api_key is None else None
    except Undecipherable:
        return Failed(Trouble.NOT_ALLOWED)


def _claimed(job: ModelJob, told: tuple[UUID, ...]) -> Claimed:
    return Claimed(
        job_id=job.pk,
        claim=job.claim,
        kind=ModelJob.Kind(job.kind),
        provider_id=job.provider_id,
        server=Server(job.provider.base_url, job.provider.api_key),
        model=job.model,
        spec=job.spec,
        told=told,
    )


def _end(job: ModelJob, failure: Failed | None, now: datetime) -> None:
    job.state = State.ERROR if failure else State.COMPLETE
    job.error_code, job.error_words = (failure.trouble.value, failure.words[:500]) if failure else ("", "")
    job.finished_at, job.bytes_per_s = now, None
    job.save()
    told = accounts.administrators_of(job.organization_id)
    transaction.on_commit(lambda: tell(told, progress_of(job)))


def _is_busy(job: ModelJob, now: datetime) -> bool:
    """Whether the server fetches or makes another; reading one into memory is quick and waits for no download."""
    # Two workers that look at once would both find the server free.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [f"models of {job.provider_id}"])
    others = ModelJob.objects.filter(provider_id=job.provider_id, state=State.RUNNING).exclude(pk=job.pk)
    return others.exclude(kind=ModelJob.Kind.LOAD).filter(heartbeat_at__gte=now - ABANDONED_AFTER).exists()
