"""A person shut out while their answer is written: their pages close at once."""

import pytest
from asgiref.sync import sync_to_async

from apps.accounts.services.people import disable_person
from tests.support.cast import Someone
from tests.support.live import LiveClient, SocketRefused

pytestmark = pytest.mark.django_db(transaction=True)


async def test_their_socket_closes(owner: Someone, member: Someone) -> None:
    async with LiveClient(member.socket_headers()) as socket:
        await sync_to_async(disable_person)(actor=owner.actor, user_id=member.user.pk)
        with pytest.raises(SocketRefused) as refused:
            await socket.wait_for(lambda e: False, timeout_s=10)

    assert refused.value.code == 4401
