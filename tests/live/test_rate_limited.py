"""What a socket sends is held to the sender's rate limit; stopping and looking never are."""

import pytest

from apps.accounts.contracts import RateClassName
from apps.accounts.rates import counting
from apps.accounts.rates.classes import Limit
from olympus.kernel.live import registered_frames
from tests.support.cast import Someone
from tests.support.live import LiveClient


def test_what_begins_an_answer_is_counted_and_nothing_else() -> None:
    counted = {name for name, frame in registered_frames().items() if frame.is_counted}

    assert counted == {"chat.send", "chat.regenerate", "chat.edit"}


@pytest.mark.django_db(transaction=True)
async def test_a_frame_too_many_is_refused_with_when_to_come_back_and_a_ping_is_not(owner: Someone) -> None:
    counting.publish_limits({RateClassName.MEMBER: Limit(2)})
    frame = {"type": "chat.edit", "message": "00000000-0000-7000-8000-000000000000", "text": "a"}
    try:
        async with LiveClient(owner.socket_headers()) as socket:
            for number in range(3):
                socket.send({**frame, "id": f"f{number}"})
            refused = await socket.wait_for(lambda e: e["type"] == "error" and e["code"] == "rate_limited")
            socket.send({"type": "ping", "id": "still here"})
            pong = await socket.ack("still here")
    finally:
        counting.valkey_for_rates().delete(counting.POLICY_KEY)

    assert refused["retry_after_s"] > 0
    assert "2 requests in 60 minutes" in refused["content"]
    assert pong["type"] == "pong"
