"""Reads over runs."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from apps.agents.contracts import OVER, RunState
from apps.agents.models import Run
from olympus.kernel.actor import Actor
from olympus.kernel.load import Queue


def live_threads_of(owner_id: UUID) -> frozenset[UUID]:
    """This will list what a person's unfinished runs belong to."""
    return frozenset(Run.objects.filter(owner_id=owner_id).exclude(state__in=OVER).values_list("thread_id", flat=True))


def live_runs_of_thread(owner_id: UUID, thread_id: UUID) -> dict[UUID, UUID]:
    """This will map answers being written in a thread to their runs."""
    runs = Run.objects.filter(owner_id=owner_id, thread_id=thread_id).exclude(state__in=OVER)
    return dict(runs.values_list("subject_id", "pk"))


def unfinished_run_for(subject_id: UUID) -> UUID | None:
    """This will find the run still writing a subject, the newest if there are several."""
    runs = Run.objects.filter(subject_id=subject_id).exclude(state__in=OVER)
    return runs.order_by("-id").values_list("pk", flat=True).first()


def place_of_run(run_id: UUID) -> tuple[UUID, UUID] | None:
    """This will tell what a run belongs to and what it writes: its thread and its subject."""
    return Run.objects.filter(pk=run_id).values_list("thread_id", "subject_id").first()


def key_of_run(run_id: UUID | None) -> UUID | None:
    """This will name the key of the program that had a run ordered; None for a person's."""
    return Run.objects.filter(pk=run_id).values_list("api_key_id", flat=True).first() if run_id else None


def queue_of_runs() -> Queue:
    """This will count the runs that no worker has taken and those under way; one behind another does not wait yet."""
    live = Run.objects.exclude(state__in=OVER)
    is_waiting = Q(state=RunState.QUEUED, worker=None) & (Q(waits_for=None) | Q(waits_for__state__in=OVER))
    counted = live.aggregate(waiting=Count("pk", filter=is_waiting), active=Count("pk", filter=~Q(worker=None)))
    return Queue(counted["waiting"], counted["active"])


def over_among(run_ids: Collection[UUID]) -> list[UUID]:
    """This will tell which of these runs are over or gone."""
    live = set(Run.objects.filter(pk__in=run_ids).exclude(state__in=OVER).values_list("pk", flat=True))
    return [run_id for run_id in run_ids if run_id not in live]


def matching_runs(
    actor: Actor, *, conversation: UUID | None = None, state: RunState | None = None, is_over: bool | None = None
) -> "QuerySet[Run]":
    """This will select the actor's own runs; None filters nothing."""
    rows = Run.objects.filter(owner_id=actor.user_id, organization_id=actor.organization_id)
    if conversation is not None:
        rows = rows.filter(thread_id=conversation)
    if state is not None:
        rows = rows.filter(state=state)
    if is_over is not None:
        rows = rows.filter(state__in=OVER) if is_over else rows.exclude(state__in=OVER)
    return rows
