"""Three messages in a row, the middle one withdrawn: the last still waits for the first."""

import pytest

from apps.agents.contracts import RunState
from apps.agents.leases import claim_run, enroll_worker, overdue_run_ids
from apps.agents.models import Run
from apps.agents.services import stop_run
from olympus.kernel.actor import Actor
from tests.support.cast import Someone
from tests.support.engine import MemoryHost, dead_worker, held_run, make_run

pytestmark = pytest.mark.django_db(transaction=True)


def three(actor: Actor) -> tuple[Run, Run, Run]:
    first = held_run(actor, dead_worker())
    second = make_run(actor, waits_for=first)
    return first, second, make_run(actor, waits_for=second)


def test_the_last_does_not_start_while_the_first_is_written(owner: Someone, host: MemoryHost) -> None:
    first, second, third = three(owner.actor)

    stop_run(owner.actor, run_id=second.pk)

    third.refresh_from_db()
    assert third.waits_for_id == first.pk
    assert claim_run(third.pk, enroll_worker()) is None


def test_it_starts_when_the_first_is_over(owner: Someone, host: MemoryHost) -> None:
    first, second, third = three(owner.actor)
    stop_run(owner.actor, run_id=second.pk)

    Run.objects.filter(pk=first.pk).update(state=RunState.COMPLETE)

    assert overdue_run_ids(older_than=third.created_at.replace(year=3000), limit=9) == [third.pk]
    assert claim_run(third.pk, enroll_worker()) is not None
