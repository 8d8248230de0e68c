"""Archives from strangers: those that swell, are damaged or need what Olympus has not are refused in words."""

import io
import struct
import zipfile
from typing import Any

import pytest

from apps.chat.engine.transfer import Export, Unread
from apps.chat.engine.transfer import archive as archives
from tests.chat.transferring import as_json, bring_in, chatgpt, fixture, zipped
from tests.support.cast import Someone

GOOD = chatgpt(("a", "user", None, "Hi"), ("b", "assistant", "a", "Hello"), key="good")


def reasons(data: bytes) -> list[str]:
    """Why parts of an archive were not read."""
    return [item.reason.value for item in Export(io.BytesIO(data)) if isinstance(item, Unread)]


def test_an_archive_that_swells_is_left_alone() -> None:
    bomb = zipped({"conversations.json": b"[" + b" " * 60_000_000 + b"]"})

    assert "archive_bomb" in reasons(bomb)


def test_an_archive_is_read_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 1000)

    assert reasons(zipped({"conversations.json": as_json(*[GOOD] * 20)})) == ["archive_too_large"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: data[:100], "broken_archive"),
        (lambda data: data[:60] + b"\x00" * 40 + data[100:], "broken_archive"),
        (lambda data: b"PK\x05\x06" + b"\x00" * 8, "broken_archive"),
        (lambda data: data.replace(data[-12:-8], struct.pack("<L", 99_000_000)), "broken_archive"),
        (lambda data: data[:-10] + struct.pack("<L", 99_000_000) + data[-6:], "archive_too_large"),
    ],
)  # fmt: skip
def test_damaged_archives_say_so(damage: Any, reason: str, member: Someone) -> None:
    job = bring_in(member, damage(zipped({"conversations.json": fixture("chatgpt.json")})))

    assert job.state == "error"
    assert job.error_message == reason


@pytest.mark.django_db
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_was_packed_in_any_way_and_came_damaged_says_so(method: int, member: Someone) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("conversations.json", fixture("chatgpt.json"))
    whole = out.getvalue()
    # Behind the member's own header: the first bytes of what was packed.
    damaged = whole[:50] + bytes(byte ^ 0x5A for byte in whole[50:75]) + whole[75:]

    jobs = [bring_in(member, data) for data in (whole, damaged)]

    assert [job.error_message for job in jobs] == ["", "broken_archive"]


@pytest.mark.django_db
@pytest.mark.parametrize(("offset", "value"), [(6, 255), (8, 0x20), (8, 0x40), (10, 9)])
def test_an_archive_that_needs_another_program_says_so(offset: int, value: int, member: Someone) -> None:
    data = bytearray(zipped({"conversations.json": as_json(GOOD)}))
    data[data.rfind(b"PK\x01\x02") + offset] = value

    assert bring_in(member, bytes(data)).error_message == "broken_archive"


@pytest.mark.django_db
def test_an_archive_with_a_password_says_so(member: Someone) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("conversations.json", "[]")
    data = bytearray(out.getvalue())
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1

    assert bring_in(member, bytes(data)).error_message == "encrypted_archive"


@pytest.mark.django_db
def test_an_archive_of_something_else_says_so(member: Someone) -> None:
    job = bring_in(member, zipped({"holiday.jpg": b"\xff\xd8", "__MACOSX/conversations.json": "[]"}))

    assert (job.state, job.error_message) == ("error", "unknown_format")
