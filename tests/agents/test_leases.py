"""Who holds a run: claimed once, in turn, and written by its holder alone."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.agents.contracts import RunOutcome, RunState
from apps.agents.leases import (
    LEASE,
    abandoned_runs,
    claim_run,
    dismiss_worker,
    enroll_worker,
    finish_run,
    forget_dead_workers,
    has_live_worker,
    overdue_run_ids,
    release_run,
)
from apps.agents.models import Run, RunLog, Worker
from tests.support.cast import Someone
from tests.support.engine import HOST, MemoryHost, dead_worker, held_run, make_run

pytestmark = pytest.mark.django_db


def outcome_of(run: Run, text: str = "All of it.") -> RunOutcome:
    return RunOutcome(run.pk, run.owner_id, run.thread_id, run.subject_id, RunState.COMPLETE, text=text)


def at_once(work: Callable[[], Any], count: int) -> list[Any]:
    """Do the same from several threads in the same moment."""
    answers: list[Any] = []
    barrier = threading.Barrier(count)

    def one() -> None:
        try:
            barrier.wait(10)
            answers.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_reach_for_a_run_at_once_one_gets_it(owner: Someone) -> None:
    run = make_run(owner.actor)
    worker_id = enroll_worker()

    claims = at_once(lambda: claim_run(run.pk, worker_id), 6)

    (claim,) = [claim for claim in claims if claim is not None]
    run.refresh_from_db()
    assert (claim.attempt, run.attempt, run.state, run.worker_id) == (1, 1, "processing", worker_id)


def test_a_run_waits_until_the_one_before_it_is_over(owner: Someone, host: MemoryHost) -> None:
    worker_id = enroll_worker()
    first = make_run(owner.actor)
    second = make_run(owner.actor, waits_for=first)

    before = claim_run(second.pk, worker_id)
    claimed = claim_run(first.pk, worker_id)
    during = claim_run(second.pk, worker_id)
    finish_run(outcome_of(first), host=HOST, worker_id=worker_id, attempt=1, last_seq=1)

    assert before is None
    assert claimed is not None
    assert during is None
    assert claim_run(second.pk, worker_id) is not None


def test_a_run_whose_predecessor_was_removed_does_not_wait_for_ever(owner: Someone) -> None:
    first = make_run(owner.actor)
    second = make_run(owner.actor, waits_for=first)
    first.delete()

    assert claim_run(second.pk, enroll_worker()) is not None


def test_overdue_runs_come_oldest_first_and_only_in_their_turn(owner: Someone) -> None:
    runs = [make_run(owner.actor) for _ in range(3)]
    make_run(owner.actor, waits_for=runs[0])
    later = timezone.now() + timedelta(seconds=1)

    assert overdue_run_ids(older_than=later, limit=2) == [runs[0].pk, runs[1].pk]
    assert overdue_run_ids(older_than=later, limit=9) == [run.pk for run in runs]
    assert overdue_run_ids(older_than=timezone.now() - timedelta(minutes=1), limit=9) == []


def test_whoever_finishes_stores_the_text_and_clears_the_log(owner: Someone, host: MemoryHost) -> None:
    worker_id = enroll_worker()
    run = held_run(owner.actor, Worker.objects.get(pk=worker_id))
    RunLog.objects.create(run=run, seq=4, kind="token", offset=0, content="All")

    is_ours = finish_run(outcome_of(run), host=HOST, worker_id=worker_id, attempt=1, last_seq=7)

    run.refresh_from_db()
    assert is_ours
    assert (run.state, run.worker_id, run.last_seq) == ("complete", None, 7)
    assert host.outcomes[run.pk].text == "All of it."
    assert not RunLog.objects.exists()


@pytest.mark.parametrize("loss", ["another worker", "another attempt", "over already", "given back"])
def test_a_worker_that_lost_a_run_changes_nothing(loss: str, owner: Someone, host: MemoryHost) -> None:
    worker_id, other_id = enroll_worker(), enroll_worker()
    run = held_run(owner.actor, Worker.objects.get(pk=worker_id))
    changes = {
        "another worker": {"worker_id": other_id},
        "another attempt": {"attempt": 2},
        "over already": {"state": RunState.CANCELLED, "worker_id": None},
        "given back": {"state": RunState.QUEUED, "worker_id": None},
    }
    Run.objects.filter(pk=run.pk).update(**changes[loss])
    before = Run.objects.values().get()

    finished = finish_run(outcome_of(run), host=HOST, worker_id=worker_id, attempt=1, last_seq=9)
    released = release_run(run.pk, worker_id=worker_id, attempt=1, last_seq=9)

    assert (finished, released) == (False, False)
    assert host.outcomes == {}
    assert Run.objects.values().get() == before


def test_a_host_that_fails_leaves_the_run_unfinished(owner: Someone, host: MemoryHost) -> None:
    from olympus.kernel.errors import NotFound  # noqa: PLC0415 - beside its use

    host.refusals = [NotFound()]
    worker_id = enroll_worker()
    run = held_run(owner.actor, Worker.objects.get(pk=worker_id))

    with pytest.raises(NotFound):
        finish_run(outcome_of(run), host=HOST, worker_id=worker_id, attempt=1, last_seq=7)

    run.refresh_from_db()
    assert (run.state, run.worker_id) == ("streaming", worker_id)


def test_a_run_given_back_is_claimed_again_under_the_next_attempt(owner: Someone) -> None:
    worker_id = enroll_worker()
    run = make_run(owner.actor)
    claim_run(run.pk, worker_id)

    assert release_run(run.pk, worker_id=worker_id, attempt=1, last_seq=1003)
    again = claim_run(run.pk, worker_id)

    assert again is not None
    assert (again.attempt, again.seq) == (2, 1003)


def test_a_worker_without_a_heartbeat_is_dead(owner: Someone) -> None:
    run = held_run(owner.actor, dead_worker())
    held_run(owner.actor, Worker.objects.get(pk=enroll_worker()))

    assert [found.pk for found in abandoned_runs(now=timezone.now())] == [run.pk]


def test_a_worker_of_this_host_is_dead_as_soon_as_its_process_is(owner: Someone) -> None:
    worker_id = enroll_worker()
    run = held_run(owner.actor, Worker.objects.get(pk=worker_id))
    alive = abandoned_runs(now=timezone.now())
    Worker.objects.filter(pk=worker_id).update(pid=2**22 + 1)  # above the kernel's largest pid

    assert alive == []
    assert [found.pk for found in abandoned_runs(now=timezone.now())] == [run.pk]


def test_a_worker_that_was_struck_off_while_it_held_a_run_left_it_behind(owner: Someone) -> None:
    worker_id = enroll_worker()
    run = held_run(owner.actor, Worker.objects.get(pk=worker_id))
    dismiss_worker(worker_id)

    assert [found.pk for found in abandoned_runs(now=timezone.now())] == [run.pk]


def test_the_dead_are_forgotten_once_they_hold_nothing(owner: Someone) -> None:
    idle, busy = dead_worker(), dead_worker()
    held_run(owner.actor, busy)
    living = enroll_worker()

    forget_dead_workers(now=timezone.now())

    assert set(Worker.objects.values_list("pk", flat=True)) == {busy.pk, living}
    assert not Worker.objects.filter(pk=idle.pk).exists()


def test_readiness_counts_living_workers() -> None:
    dead_worker()

    assert not has_live_worker(now=timezone.now())
    enroll_worker()
    assert has_live_worker(now=timezone.now())
    assert not has_live_worker(now=timezone.now() + LEASE + timedelta(seconds=1))
