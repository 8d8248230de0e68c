"""Making room for another run: those in the way end with what they have, those behind wait longer."""

from collections.abc import Collection
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.agents.contracts import OVER, RunState
from apps.agents.models import Run
from apps.agents.worker.control import tell_workers_to_stop
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Denied


def interrupt_runs(actor: Actor, *, run_ids: Collection[UUID]) -> bool:
    """This will ask the actor's runs to end with what they have; False if all were asked before or are over.

    One that has not begun is not withdrawn: it begins and ends at once, so that what it
    answers stays said. The runs stay locked until the caller's transaction ends.
    """
    if not actor.may_write:
        raise Denied(_("You may read here, but not change anything."))
    # All of the thread, in one order and before anything of the host's: one that is withdrawn at this moment
    # holds its run and wants the host's rows.
    threads = Run.objects.filter(pk__in=run_ids, owner_id=actor.user_id).values("thread_id")
    unfinished = Run.objects.filter(owner_id=actor.user_id, thread_id__in=threads).exclude(state__in=OVER)
    list(unfinished.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
    running = Run.objects.filter(
        pk__in=run_ids, owner_id=actor.user_id, organization_id=actor.organization_id, is_cancel_requested=False
    )
    asked = running.exclude(state__in=OVER).update(is_cancel_requested=True)
    for run_id in run_ids:
        transaction.on_commit(partial(tell_workers_to_stop, run_id))
    return bool(asked)


def wait_behind(run_ids: Collection[UUID], *, waits_for_id: UUID) -> None:
    """This will have queued runs wait for another one."""
    Run.objects.filter(pk__in=run_ids, state=RunState.QUEUED).update(waits_for_id=waits_for_id)
