"""What a socket refuses, and what it survives."""

import pytest

from tests.support.cast import Someone
from tests.support.live import LiveClient, SocketRefused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "malformed_frame"),
        ("no json", "malformed_frame"),
        ("[]", "malformed_frame"),
        ('{"type": 3}', "malformed_frame"),
        ('{"type": "nothing.known"}', "unknown_frame"),
        ('{"type": "chat.send", "id": "x"}', "invalid"),
        ('{"type": "chat.send", "id": "x", "text": "  "}', "invalid"),
        ('{"type": "chat.send", "id": "x", "text": "a", "more": 1}', "invalid"),
        ('{"type": "chat.send", "id": "x", "text": "a", "conversation": "no-uuid"}', "invalid"),
        ('{"type": "chat.send", "id": "x", "text": "a", "options": {"temperature": -1}}', "invalid"),
        ('{"type": "run.resume", "run_id": "00000000-0000-7000-8000-000000000000"}', "not_found"),
        ('{"type": "ping", "id": "' + "x" * 1_100_000 + '"}', "frame_too_large"),
        ("[" * 100_000, "malformed_frame"),
        (
            '{"type": "chat.send", "id": "x", "text": "a", "options": {"format": ' + '{"a":' * 700 + "1" + "}" * 702,
            "invalid",
        ),
    ],
)
async def test_a_bad_frame_gets_a_typed_error_and_the_socket_stays_open(owner: Someone, raw: str, code: str) -> None:
    async with LiveClient(owner.socket_headers()) as socket:
        socket.send(raw)
        error = await socket.wait_for(lambda e: e["type"] == "error")
        socket.send({"type": "ping", "id": "still here"})
        pong = await socket.ack("still here")

    assert error["code"] == code
    assert error["content"]
    assert pong["type"] == "pong"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"origin": "http://evil.example", "host": "localhost"}, 4403),
        ({"host": "localhost"}, 4403),
        ({"origin": "http://localhost", "host": "localhost"}, 4401),
        ({"authorization": "Bearer nonsense", "host": "localhost"}, 4401),
        ({"origin": "http://localhost:81", "host": "localhost:8000"}, 4403),
        ({"origin": "null", "host": "localhost"}, 4403),
        ({"origin": "http://[", "host": "localhost"}, 4403),
        ({"origin": "http://localhost", "host": "[::1"}, 4403),
        ({"origin": "http://localhost", "host": "localhost", "cookie": 'olympus_session="\\000aaaaaaaa"'}, 4401),
    ],
)
async def test_foreign_origins_and_strangers_get_no_socket(headers: dict[str, str], code: int) -> None:
    with pytest.raises(SocketRefused) as refused:
        async with LiveClient(headers):
            pass

    assert refused.value.code == code
