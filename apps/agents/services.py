"""The verbs of runs: order one, stop one."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.agents.access import run_for_administering, run_for_writing
from apps.agents.contracts import OVER, RunOutcome, RunState
from apps.agents.events import RunOver
from apps.agents.hosts import host_named
from apps.agents.jobs import queue_run_after_commit
from apps.agents.models import Run
from apps.agents.worker.control import tell_workers_to_stop
from olympus.kernel import audit
from olympus.kernel.actor import Actor
from olympus.kernel.broadcast import tell_user_after_commit
from olympus.kernel.errors import Denied, LimitReached, OlympusError

# Runs of one person that wait or work at a time; far above what a person does by hand.
MAX_LIVE_RUNS_PER_OWNER = 300


def order_run(
    actor: Actor,
    *,
    run_id: UUID,
    host: str,
    thread_id: UUID,
    subject_id: UUID,
    model: str,
    options: Mapping[str, Any],
    waits_for_id: UUID | None = None,
    is_ephemeral: bool = False,
) -> RunState:
    """This will store a run in the caller's transaction and tell a worker after commit.

    With `waits_for_id` the run starts when that one is over.

    Raises:
        LimitReached: the person has too many runs waiting.
    """
    if not actor.may_write:
        raise Denied(_("You may read here, but not change anything."))
    live = Run.objects.filter(owner_id=actor.user_id).exclude(state__in=OVER)
    if live.count() >= MAX_LIVE_RUNS_PER_OWNER:
        raise LimitReached(
            _("%(n)s answers are already waiting. Stop some of them first.") % {"n": MAX_LIVE_RUNS_PER_OWNER},
            retry_after_s=5,
        )
    Run.objects.create(
        id=run_id,
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        api_key_id=actor.api_key_id,
        host=host,
        thread_id=thread_id,
        subject_id=subject_id,
        model=model,
        options=dict(options),
        waits_for_id=waits_for_id,
        is_ephemeral=is_ephemeral,
    )
    if waits_for_id is None:
        queue_run_after_commit(run_id)
    return RunState.QUEUED


@transaction.atomic
def stop_run(actor: Actor, *, run_id: UUID) -> RunState:
    """This will stop a run: at once if it waits, within a second if it works; the text so far is kept.

    Stopping a run that is over changes nothing.
    """
    return _stop(run_for_writing(actor, run_id))


@transaction.atomic
def stop_any_run(actor: Actor, *, run_id: UUID) -> RunState:
    """This will let an administrator stop anybody's run in the organization.

    Raises:
        Denied: the actor does not administer.
        NotFound: no such run here.
    """
    run = run_for_administering(actor, run_id)
    audit.record("run.stop", actor=actor, subject=run.pk, owner=run.owner_id)
    return _stop(run)


def _stop(run: Run) -> RunState:
    if RunState(run.state).is_over:
        return RunState(run.state)
    if run.state == RunState.QUEUED:
        _withdraw(run)
        return RunState.CANCELLED
    Run.objects.filter(pk=run.pk).update(is_cancel_requested=True)
    transaction.on_commit(lambda: tell_workers_to_stop(run.pk))
    return RunState(run.state)


def _withdraw(run: Run) -> None:
    outcome = RunOutcome(
        run_id=run.pk,
        owner_id=run.owner_id,
        thread_id=run.thread_id,
        subject_id=run.subject_id,
        state=RunState.CANCELLED,
    )
    # Its end is an event too: without a number of its own a client that follows would take it for one it has.
    Run.objects.filter(pk=run.pk).update(
        state=RunState.CANCELLED, finished_at=timezone.now(), last_seq=F("last_seq") + 1
    )
    with suppress(OlympusError):  # a host that has no place for it any more has nothing to take back either
        host_named(run.host).finish(outcome)
    # What waited for it now waits for what it waited for itself: that may still be written.
    successors = Run.objects.filter(waits_for_id=run.pk, state=RunState.QUEUED)
    moved = list(successors.values_list("pk", flat=True))
    successors.update(waits_for_id=run.waits_for_id)
    for successor in moved:
        queue_run_after_commit(successor)
    tell_user_after_commit(
        run.owner_id,
        RunOver(run_id=run.pk, conversation=run.thread_id, answer=run.subject_id, state=RunState.CANCELLED),
    )
