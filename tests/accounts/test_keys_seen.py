"""Keys on the event loop: looked up once a second, at once for many, and never believed longer."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts import facade, keyring
from apps.accounts.models import ApiKey, Membership
from apps.accounts.services.keys import create_api_key, revoke_api_key
from olympus.kernel.actor import Scope
from olympus.kernel.db import in_thread
from tests.accounts.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_seen() -> Iterator[None]:
    facade.forget_keys()
    yield
    facade.forget_keys()


async def test_a_key_tells_whom_it_acts_for_and_which_models_it_may_use(member: Cast) -> None:
    row, secret = await in_thread(create_api_key, actor=member.actor, name="k", scopes=[Scope.READ])
    await in_thread(ApiKey.objects.filter(pk=row.pk).update, allowed_models=["llama3"])
    await in_thread(Membership.objects.filter(user=member.user).update, is_premium=True)

    holder = await facade.key_actor(secret)

    assert holder is not None
    assert (holder.actor.user_id, holder.key_id, holder.actor.is_premium) == (member.user.pk, row.pk, True)
    assert holder.allowed_models == {"llama3"}


async def test_many_at_once_cost_one_look_up(member: Cast) -> None:
    _, secret = await in_thread(create_api_key, actor=member.actor, name="k", scopes=[Scope.READ])

    holders = await asyncio.gather(*(facade.key_actor(secret) for _ in range(50)))

    assert all(holder is holders[0] is not None for holder in holders)


async def test_a_key_revoked_here_opens_nothing_at_once(member: Cast) -> None:
    row, secret = await in_thread(create_api_key, actor=member.actor, name="k", scopes=[Scope.READ])
    assert await facade.key_actor(secret) is not None

    await in_thread(revoke_api_key, actor=member.actor, key_id=row.pk)

    assert await facade.key_actor(secret) is None


async def test_a_key_revoked_elsewhere_opens_nothing_a_second_later(member: Cast) -> None:
    row, secret = await in_thread(create_api_key, actor=member.actor, name="k", scopes=[Scope.READ])
    assert await facade.key_actor(secret) is not None
    await in_thread(ApiKey.objects.filter(pk=row.pk).update, revoked_at=timezone.now() + timedelta(0))

    await asyncio.sleep(1.05)

    assert await facade.key_actor(secret) is None


async def test_a_key_revoked_while_it_is_looked_up_again_opens_nothing_at_once(member: Cast) -> None:
    row, secret = await in_thread(create_api_key, actor=member.actor, name="k", scopes=[Scope.READ])
    assert await facade.key_actor(secret) is not None
    await asyncio.sleep(0.6)  # past half of its second: the next question has it looked up again
    assert await facade.key_actor(secret) is not None

    await in_thread(revoke_api_key, actor=member.actor, key_id=row.pk)

    assert await facade.key_actor(secret) is None


async def test_one_who_gives_up_does_not_end_the_look_up_of_others(member: Cast) -> None:
    _, secret = await in_thread(create_api_key, actor=member.actor, name="k", scopes=[Scope.READ])
    impatient, patient = (asyncio.create_task(facade.key_actor(secret)) for _ in range(2))
    await asyncio.sleep(0)

    impatient.cancel()

    assert await patient is not None


@pytest.mark.parametrize("wrong", ["", "sk-1", "oly_abcdefgh_short", "oly_abcdefgh_" + "ä" * 43, "\x00" * 60])
async def test_what_is_no_key_costs_no_look_up(db: None, wrong: str) -> None:
    assert await facade.key_actor(wrong) is None
    assert len(keyring._holders._kept) == 0
