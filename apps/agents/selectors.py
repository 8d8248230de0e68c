"""Reads over runs."""

from collections.abc import Collection
from uuid import UUID

from apps.agents.contracts import OVER
from apps.agents.models import Run


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


def over_among(run_ids: Collection[UUID]) -> list[UUID]:
    """This will tell which of these runs are over or gone."""
    live = set(Run.objects.filter(pk__in=run_ids).exclude(state__in=OVER).values_list("pk", flat=True))
    return [run_id for run_id in run_ids if run_id not in live]
