"""Runs, fetched and authorized in one call; a stranger gets NotFound."""

from uuid import UUID

from django.utils.translation import gettext as _

from apps.agents.models import Run
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Denied, NotFound


def run_for_reading(actor: Actor, run_id: UUID) -> Run:
    """This will fetch a run of the actor's own.

    Raises:
        NotFound: no such run, or another person's.
    """
    if not actor.may_read:
        raise Denied(_("This key may not read."))
    run = Run.objects.filter(pk=run_id, organization_id=actor.organization_id, owner_id=actor.user_id).first()
    if run is None:
        raise NotFound(_("There is no such run."))
    return run


def run_for_writing(actor: Actor, run_id: UUID) -> Run:
    """This will fetch and lock a run of the actor's own, inside a transaction."""
    if not actor.may_write:
        raise Denied(_("You may read here, but not change anything."))
    run = (
        # Not so strong that a run which is to wait for this one cannot be stored meanwhile: its transaction
        # holds the conversation, which this one needs to withdraw an answer.
        Run.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=run_id, organization_id=actor.organization_id, owner_id=actor.user_id)
        .first()
    )
    if run is None:
        raise NotFound(_("There is no such run."))
    return run


def run_for_administering(actor: Actor, run_id: UUID) -> Run:
    """This will fetch and lock anybody's run in the organization for one who administers it."""
    if not actor.may_administer:
        raise Denied(_("Only owners and administrators do this."))
    rows = Run.objects.select_for_update(of=("self",), no_key=True)  # as above
    run = rows.filter(pk=run_id, organization_id=actor.organization_id).first()
    if run is None:
        raise NotFound(_("There is no such run."))
    return run
