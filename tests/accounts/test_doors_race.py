"""Two people at one link at the same moment."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connections
from django.test import Client

from apps.accounts.models import Membership, User
from apps.accounts.services.doors import invite, make_owner_link
from olympus.kernel.actor import Role
from tests.accounts.cast import make

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(work: Callable[[int], int], count: int = 2) -> list[int]:
    """Run `work` in threads that start together and give what each returned."""
    barrier, results = Barrier(count), [0] * count

    def run(index: int) -> None:
        barrier.wait()
        try:
            results[index] = work(index)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


def form(index: int) -> dict[str, str]:
    return {"name": "N", "email": f"person{index}@example.test", "password": "marble and gold 7"}


def test_of_two_who_use_the_owner_link_at_once_one_wins() -> None:
    link = make_owner_link() or ""

    statuses = at_once(lambda index: Client().post(link, form(index)).status_code)

    assert statuses == [302, 410]
    assert User.objects.count() == 1


def test_of_two_who_accept_an_invitation_at_once_one_wins() -> None:
    owner = make(Role.OWNER, "hera")
    _, link = invite(actor=owner.actor)

    statuses = at_once(lambda index: Client().post(link, form(index)).status_code)

    assert statuses == [302, 410]
    assert Membership.objects.filter(role="member").count() == 1


def test_two_owners_who_step_down_at_once_leave_one() -> None:
    owners = [make(Role.OWNER, "hera"), make(Role.OWNER, "zeus")]

    def step_down(index: int) -> int:
        person = owners[index]
        return person.browser.post(f"/settings/people/{person.user.pk}/role/", {"role": "member"}).status_code

    at_once(step_down)

    assert Membership.objects.filter(role="owner").count() == 1
