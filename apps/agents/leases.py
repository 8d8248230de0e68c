"""Who holds a run: claiming, finishing, releasing and taking over, fenced by worker and attempt.

A worker's heartbeat is the lease on all it holds, so renewing costs one row however many
runs there are. Every write asks that the run is still this worker's in this attempt.
"""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.agents.contracts import OVER, RunOutcome, RunRequest, RunState
from apps.agents.engine.transcript import Piece
from apps.agents.events import RunOver
from apps.agents.hosts import host_named
from apps.agents.jobs import queue_run_after_commit
from apps.agents.models import Run, RunLog, Worker
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.ids import uuid7
from olympus.kernel.text import clean_text

# Long enough for a machine that swaps or a database that restarts, short enough that a
# person still waits; a worker that died on this very host is noticed at once by its pid.
LEASE = timedelta(seconds=12)
HELD = frozenset({RunState.PROCESSING, RunState.STREAMING, RunState.TOOL_EXECUTION})
# A run that killed its worker this often before saying anything is at fault itself.
MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """A run in this worker's hands. `seq` is the last number used by earlier attempts."""

    request: RunRequest
    worker_id: UUID
    attempt: int
    host: str
    model: str
    is_ephemeral: bool
    seq: int


def enroll_worker() -> UUID:
    """This will register this process as a worker."""
    return Worker.objects.create(id=uuid7(), hostname=this_machine(), pid=os.getpid(), heartbeat_at=timezone.now()).pk


def dismiss_worker(worker_id: UUID) -> None:
    """This will strike a worker off that holds nothing any more."""
    Worker.objects.filter(pk=worker_id).delete()


_CLAIM = """
UPDATE agents_run r SET state = 'processing', worker_id = %s, attempt = attempt + 1, started_at = now()
WHERE r.id = %s AND r.state = 'queued'
  AND NOT EXISTS (SELECT FROM agents_run p WHERE p.id = r.waits_for_id AND p.state <> ALL(%s))
RETURNING r.*
"""


def claim_run(run_id: UUID, worker_id: UUID) -> Claim | None:
    """This will take a queued run whose turn it is, or answer None if it is not to be had."""
    run = next(iter(Run.objects.raw(_CLAIM, [worker_id, run_id, list(OVER)])), None)
    if run is None:
        return None
    return Claim(
        request=RunRequest(
            run.id, run.organization_id, run.owner_id, run.thread_id, run.subject_id, run.options, run.api_key_id
        ),
        worker_id=worker_id,
        attempt=run.attempt,
        host=run.host,
        model=run.model,
        is_ephemeral=run.is_ephemeral,
        seq=run.last_seq,
    )


def overdue_run_ids(*, older_than: datetime, limit: int) -> list[UUID]:
    """This will list queued runs whose turn it is and that no worker was told of, oldest first."""
    return list(_ready().filter(created_at__lt=older_than).order_by("created_at").values_list("pk", flat=True)[:limit])


def _ready() -> QuerySet[Run]:
    unfinished = Run.objects.filter(pk=OuterRef("waits_for_id")).exclude(state__in=OVER)
    return Run.objects.filter(~Exists(unfinished), state=RunState.QUEUED)


@transaction.atomic
def finish_run(outcome: RunOutcome, *, host: str | None, worker_id: UUID | None, attempt: int, last_seq: int) -> bool:
    """This will end a run and store its text in one transaction; False if it is no longer ours.

    Without a host only the run ends, for one whose host cannot take any outcome of it.
    """
    ended = _held(outcome.run_id, worker_id, attempt).update(
        state=outcome.state,
        worker=None,
        finished_at=timezone.now(),
        provider=outcome.provider,
        prompt_tokens=outcome.prompt_tokens,
        token_count=outcome.token_count,
        error_code=outcome.error_code,
        last_seq=last_seq,
    )
    if not ended:
        return False
    if host is not None:
        host_named(host).finish(outcome)
    RunLog.objects.filter(run_id=outcome.run_id).delete()
    for successor in Run.objects.filter(waits_for_id=outcome.run_id, state=RunState.QUEUED).values_list(
        "pk", flat=True
    ):
        queue_run_after_commit(successor)
    tell_user_after_commit(
        outcome.owner_id,
        RunOver(run_id=outcome.run_id, conversation=outcome.thread_id, answer=outcome.subject_id, state=outcome.state),
    )
    return True


def release_run(run_id: UUID, *, worker_id: UUID | None, attempt: int, last_seq: int) -> bool:
    """This will give a run back that has said nothing, for another worker to begin again."""
    return bool(_held(run_id, worker_id, attempt).update(state=RunState.QUEUED, worker=None, last_seq=last_seq))


@transaction.atomic
def release_begun_run(run_id: UUID, *, worker_id: UUID | None, attempt: int, pieces: Sequence[Piece]) -> bool:
    """This will give a run back with all it said, for another worker to go on with."""
    if not release_run(run_id, worker_id=worker_id, attempt=attempt, last_seq=pieces[-1].seq):
        return False
    RunLog.objects.filter(run_id=run_id).delete()
    RunLog.objects.bulk_create(
        RunLog(
            run_id=run_id,
            seq=piece.seq,
            kind=piece.kind,
            offset=piece.offset,
            content=clean_text(piece.content),
            data=piece.data,
            token_count=piece.token_count,
        )
        for piece in pieces
    )
    queue_run_after_commit(run_id)
    return True


def _held(run_id: UUID, worker_id: UUID | None, attempt: int) -> QuerySet[Run]:
    """The run if it is still in these hands: the fence every write passes."""
    by_worker = Q(worker__isnull=True) if worker_id is None else Q(worker_id=worker_id)
    return Run.objects.filter(by_worker, pk=run_id, attempt=attempt, state__in=HELD)


def abandoned_runs(*, now: datetime) -> list[Run]:
    """This will list runs whose worker is dead or gone, oldest first."""
    dead = _dead_workers(now=now)
    return list(Run.objects.filter(Q(worker__isnull=True) | Q(worker_id__in=dead), state__in=HELD).order_by("id")[:200])


def forget_dead_workers(*, now: datetime) -> None:
    """This will strike off dead workers that hold nothing any more."""
    held = Run.objects.filter(worker_id=OuterRef("pk")).exclude(state__in=OVER)
    Worker.objects.filter(~Exists(held), pk__in=_dead_workers(now=now)).delete()


def _dead_workers(*, now: datetime) -> list[UUID]:
    here = this_machine()
    return [
        w.pk
        for w in Worker.objects.all()
        if w.heartbeat_at < now - LEASE or (w.hostname == here and not _is_alive(w.pid))
    ]


def this_machine() -> str:
    """This will name where a pid means what it says: two containers may share a host's name, not its processes."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        namespace = ""
    return f"{socket.gethostname()} {namespace}".strip()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def has_live_worker(*, now: datetime) -> bool:
    """This will tell whether any worker is there to take runs."""
    return Worker.objects.exclude(pk__in=_dead_workers(now=now)).exists()
