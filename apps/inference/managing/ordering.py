"""Models ordered onto servers, and orders taken back: what waits, what is under way, what became of it."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.inference.engine.managing.names import as_listed
from apps.inference.engine.names import model_key
from apps.inference.managing.access import (
    check_free,
    job_for_managing,
    model_on,
    server_for_managing,
    usable_name,
)
from apps.inference.managing.errors import AlreadyUnderWay, JobOver, TooManyWaiting
from apps.inference.managing.jobs import queue_job_after_commit
from apps.inference.managing.recipe import recipe
from apps.inference.managing.telling import tell_job_after_commit
from apps.inference.models import ModelJob, Provider
from olympus.kernel import audit
from olympus.kernel.actor import Actor

State, Kind = ModelJob.State, ModelJob.Kind
LIVE = (State.QUEUED, State.RUNNING)
# A person who orders more has pressed something by mistake.
_MOST_LIVE = 50
# What is past these is of no use to anybody.
_KEPT = 200


def jobs_in(organization_id: UUID) -> "QuerySet[ModelJob]":
    """This will select an organization's models on their way and those that arrived, the newest first."""
    return ModelJob.objects.filter(organization_id=organization_id).select_related("provider")


def order_pull(actor: Actor, *, provider_id: UUID, model: str) -> ModelJob:
    """This will have a server fetch a model, or what is new of one it has.

    Raises:
        Denied, NotFound, NotManaged, NoModelName
        AlreadyUnderWay: it is on its way there.
        TooManyWaiting
    """
    provider = server_for_managing(actor, provider_id)
    return _order(actor, provider, Kind.PULL, usable_name(model), {})


def order_creation(actor: Actor, *, provider_id: UUID, model: str, base: str, **made_of: Any) -> ModelJob:
    """This will have a server make a model of another it has; `made_of` as `recipe` takes it.

    Raises: as `order_pull`, and
        Invalid: what it is made of cannot be.
        NameTaken
    """
    provider = server_for_managing(actor, provider_id)
    name = usable_name(model)
    spec = {"from": model_on(provider, base), **recipe(**made_of)}
    check_free(provider, name)
    return _order(actor, provider, Kind.CREATE, name, spec)


def order_load(actor: Actor, provider: Provider, model: str, *, embeds: bool) -> ModelJob:
    """This will have a server read a model into memory that it has; `embeds` if the model does nothing else.

    Raises:
        AlreadyUnderWay, TooManyWaiting
    """
    return _order(actor, provider, Kind.LOAD, model, {"embeds": embeds})


def retry_job(actor: Actor, *, job_id: UUID) -> ModelJob:
    """This will order again what failed or was cancelled; what arrived of it is not fetched twice.

    Raises: as `order_pull`, and
        AlreadyUnderWay: it is not over, or is being tried again.
        JobOver: it arrived.
        NameTaken: a model of this name was made meanwhile.
    """
    job = job_for_managing(actor, job_id)
    if job.state in LIVE:
        raise AlreadyUnderWay
    if job.state == State.COMPLETE:
        raise JobOver
    provider = server_for_managing(actor, job.provider_id)
    if job.kind == Kind.CREATE:
        check_free(provider, job.model)
    return _order(actor, provider, Kind(job.kind), job.model, job.spec)


@transaction.atomic
def cancel_job(actor: Actor, *, job_id: UUID) -> ModelJob:
    """This will stop a model on its way; what came of it stays on the server and is used if it is pulled again.

    Raises:
        Denied, NotFound
        JobOver
    """
    job = job_for_managing(actor, job_id, is_locked=True)
    if job.state not in LIVE:
        raise JobOver
    job.state, job.finished_at, job.bytes_per_s = State.CANCELLED, timezone.now(), None
    job.save(update_fields=["state", "finished_at", "bytes_per_s"])
    audit.record(f"model.{job.kind}_cancel", actor=actor, subject=job.model, server=job.provider.name)
    tell_job_after_commit(job)
    return job


def _order(actor: Actor, provider: Provider, kind: ModelJob.Kind, name: str, spec: dict[str, Any]) -> ModelJob:
    if jobs_in(actor.organization_id).filter(state__in=LIVE).count() >= _MOST_LIVE:
        raise TooManyWaiting
    key = model_key(as_listed(name))
    job = ModelJob(provider=provider, kind=kind, model=name, key=key, spec=spec, ordered_by_id=actor.user_id)
    job.organization_id = actor.organization_id
    try:
        with transaction.atomic():
            job.save(force_insert=True)
            audit.record(f"model.{kind}", actor=actor, subject=name, server=provider.name, base=spec.get("from", ""))
            queue_job_after_commit(job.pk)
            tell_job_after_commit(job)
            _forget_old(actor.organization_id)
    except IntegrityError as error:
        if "model_job_once" not in str(error):
            raise
        raise AlreadyUnderWay from error
    return job


def _forget_old(organization_id: UUID) -> None:
    over = ModelJob.objects.filter(organization_id=organization_id).exclude(state__in=LIVE)
    surplus = list(over.order_by("-id").values_list("pk", flat=True)[_KEPT : 2 * _KEPT])
    ModelJob.objects.filter(pk__in=surplus).delete()
