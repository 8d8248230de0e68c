"""Administrators' open pages told of models on their way and of changes."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db import transaction

from apps.accounts import facade as accounts
from apps.inference.engine.managing.progress import seconds_left
from apps.inference.managing.events import ModelProgress, ModelsChanged
from apps.inference.models import ModelJob
from olympus.kernel.broadcast import tell_user


def progress_of(job: ModelJob) -> ModelProgress:
    """This will tell how far a job is."""
    is_running = job.state == ModelJob.State.RUNNING
    return ModelProgress(
        id=job.pk,
        provider=job.provider_id,
        model=job.model,
        kind=job.kind,
        state=job.state,
        total=job.total_bytes,
        done=job.done_bytes,
        bytes_per_s=job.bytes_per_s if is_running else None,
        seconds_left=seconds_left(job.total_bytes, job.done_bytes, job.bytes_per_s) if is_running else None,
    )


def tell_job_after_commit(job: ModelJob) -> None:
    """This will tell administrators how far a job is once the transaction commits."""
    news, organization_id = progress_of(job), job.organization_id
    transaction.on_commit(lambda: tell(accounts.administrators_of(organization_id), news))


def tell_changed(organization_id: UUID, provider_id: UUID | None = None) -> None:
    """This will tell administrators once the transaction commits that their lists are out of date."""
    news = ModelsChanged(provider=provider_id)
    transaction.on_commit(lambda: tell(accounts.administrators_of(organization_id), news))


def tell(user_ids: Iterable[UUID], news: msgspec.Struct) -> None:
    """This will tell each of these people, now."""
    for user_id in user_ids:
        tell_user(user_id, news)
