"""Reads over runs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate

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


@dataclass(frozen=True, slots=True)
class ModelUse:
    """What a person asked of one model; tokens as the model server counted them."""

    model: str
    provider: str
    answers: int
    prompt_tokens: int
    completion_tokens: int


def use_by_model(owner_id: UUID, *, since: datetime) -> list[ModelUse]:
    """This will sum a person's runs by model, the most used first; at most 50."""
    rows = (
        Run.objects.filter(owner_id=owner_id, created_at__gte=since)
        .values("model", "provider")
        .annotate(answers=Count("pk"), prompt=Coalesce(Sum("prompt_tokens"), 0), written=Sum("token_count"))
        .order_by("-written", "model")[:50]
    )
    return [ModelUse(r["model"], r["provider"], r["answers"], r["prompt"], r["written"]) for r in rows]


def tokens_by_day(owner_id: UUID, *, since: datetime) -> dict[date, int]:
    """This will sum the tokens a person read and sent, a day; days without any are left out."""
    rows = (
        Run.objects.filter(owner_id=owner_id, created_at__gte=since)
        .annotate(day=TruncDate("created_at"))
        .values("day")
        .annotate(total=Sum("token_count") + Coalesce(Sum("prompt_tokens"), 0))
    )
    return {row["day"]: row["total"] for row in rows}


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
