"""Open pages of owners hear of changed settings, and those of a person of what they prefer; nobody else does."""

from collections.abc import Iterator

import pytest

from apps.accounts.services.preferences import choose_theme
from olympus.kernel.db import in_thread
from olympus.kernel.options import Option, change_option
from tests.support.cast import Someone
from tests.support.live import LiveClient
from tests.support.options import declaring

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def size() -> Iterator[Option]:
    with declaring("test.size", int, 3, "How large.") as option:
        yield option


async def test_owners_hear_of_a_change_and_nobody_else(
    size: Option, owner: Someone, member: Someone, stranger: Someone
) -> None:
    async with (
        LiveClient(owner.socket_headers()) as theirs,
        LiveClient(member.socket_headers()) as members,
        LiveClient(stranger.socket_headers()) as strangers,
    ):
        await in_thread(change_option, "test.size", 5)
        news = await theirs.wait_for(lambda event: event["type"] == "setting.changed")
        for other in (members, strangers):
            other.send({"type": "ping", "id": "now"})
            await other.ack("now")

        assert (news["name"], news["version"]) == ("test.size", 1)
        assert [event for event in (*members.events, *strangers.events) if event["type"] == "setting.changed"] == []


async def test_a_person_hears_of_what_they_prefer_and_nobody_else(member: Someone, owner: Someone) -> None:
    async with LiveClient(member.socket_headers()) as theirs, LiveClient(owner.socket_headers()) as others:
        await in_thread(lambda: choose_theme(actor=member.actor, theme="dark"))
        news = await theirs.wait_for(lambda event: event["type"] == "preference.changed")
        others.send({"type": "ping", "id": "now"})
        await others.ack("now")

        assert (news["name"], news["value"]) == ("theme", "dark")
        assert [event for event in others.events if event["type"] == "preference.changed"] == []
