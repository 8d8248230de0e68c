"""Files for messages: what they are is read from their bytes, and they are their person's alone."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.chat import attaching
from apps.chat.attaching import MAX_SIZE_BYTES, attach_file, remove_attachment
from apps.chat.errors import AttachmentRefused, TooManyFiles
from apps.chat.models import Attachment
from apps.chat.services import edit_message, remove_deleted
from olympus.kernel.errors import NotFound
from tests.chat.saying import attach, picture, post
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
HTML = b"<!doctype html><script>alert(1)</script>"


def png(width: int, height: int) -> bytes:
    """A PNG that says it is this large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    data = b"IDAT" + zlib.compress(b"\0" * 100)
    parts = [b"\x89PNG\r\n\x1a\n", struct.pack(">I", 13), chunk, struct.pack(">I", zlib.crc32(chunk))]
    parts += [struct.pack(">I", len(data) - 4), data, struct.pack(">I", zlib.crc32(data))]
    return b"".join([*parts, b"\0\0\0\0IEND\xaeB`\x82"])


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/gif"), ("WEBP", "image/webp")],
)
def test_an_image_is_known_by_its_bytes(kind: str, media_type: str, owner: Someone) -> None:
    data = picture(kind)

    file_id = attach(owner, data, "report.html")

    stored = Attachment.objects.get(pk=file_id)
    assert (stored.media_type, stored.name, stored.size_bytes) == (media_type, "report.html", len(data))
    assert Path(stored.file.path).read_bytes() == data
    assert stored.file.name == f"attachments/{file_id.hex[:2]}/{file_id.hex}"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HTML,
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.7\n",
        b"%!PS-Adobe-3.0\n",
        b"BM" + bytes(60),
        b"II*\0" + bytes(60),
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + HTML,
        picture()[:40],
        b"\0" * 1000,
        HTML + picture("GIF"),
    ],
)
def test_anything_else_is_refused_in_words(data: bytes, owner: Someone) -> None:
    with pytest.raises(AttachmentRefused) as refused:
        attach(owner, data)

    assert refused.value.field == "file"
    assert not Attachment.objects.exists()
    assert not any(Path(settings.MEDIA_ROOT).rglob("*.*"))


@pytest.mark.parametrize(
    ("data", "name", "media_type", "stored"),
    [
        (b"a,b\r\n1,2\r\n", "data.CSV", "text/csv", b"a,b\n1,2\n"),
        (b"\xef\xbb\xbf# Hi", "notes.md", "text/markdown", b"# Hi"),
        ("Ζεύς".encode("utf-16"), "gods.txt", "text/plain", "Ζεύς".encode()),
        (b"\xfe\xff" + "字".encode("utf-16-be"), "a", "text/plain", "字".encode()),
        (b"<svg onload='x'/>", "a.svg", "text/xml", b"<svg onload='x'/>"),
        (HTML, "a.html", "text/html", HTML),
        (b"print(1)\n", "../a.py", "text/x-python", b"print(1)\n"),
        (b"\x1b[31mred\x1b[0m", "log.txt", "text/plain", b"\x1b[31mred\x1b[0m"),
        (b"", "empty.txt", "text/plain", b""),
    ],
)
def test_a_text_is_stored_as_utf_8_and_served_as_plain_text(
    data: bytes, name: str, media_type: str, stored: bytes, owner: Someone
) -> None:
    file_id = attach(owner, data, name)

    row = Attachment.objects.get(pk=file_id)
    answer = owner.client().get(f"/attachments/{file_id}/")
    assert (row.media_type, row.size_bytes) == (media_type, len(stored))
    assert b"".join(answer.streaming_content) == stored
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"%PDF-1.7 all ascii", "a.pdf", "Documents cannot be read yet"),
        (b"{\\rtf1 text}", "a.rtf", "Documents cannot be read yet"),
        (b"PK\x03\x04", "a.docx", "text file in UTF-8"),
        (b"caf\xe9", "latin1.txt", "text file in UTF-8"),
        (b"a\0b", "a.txt", "text file in UTF-8"),
        (b"\xff\xfe\0\0a\0\0\0", "utf32.txt", "text file in UTF-8"),
        (b"\xff\xfea", "odd.txt", "text file in UTF-8"),
        (b"x" * (2 * 1024 * 1024 + 1), "large.txt", "2 MB"),
        (b"only text", "a.jpeg", "image"),
    ],
)
def test_what_is_neither_is_refused_in_words(data: bytes, name: str, words: str, owner: Someone) -> None:
    with pytest.raises(AttachmentRefused, match=words):
        attach(owner, data, name)


def test_who_sends_nothing_is_stopped_at_a_bound(owner: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attaching, "MAX_UNSENT", 2)
    sent = attach(owner)
    post(owner, attachment_ids=[sent])
    first = attach(owner)
    attach(owner)

    with pytest.raises(TooManyFiles):
        attach(owner)

    remove_attachment(owner.actor, attachment_id=first)
    assert attach(owner)


def test_who_sends_nothing_is_stopped_at_a_size(owner: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attaching, "MAX_UNSENT_BYTES", 10)
    attach(owner, b"12345678", "a.txt")

    with pytest.raises(TooManyFiles):
        attach(owner, b"12345678", "a.txt")


def test_ones_files_are_listed_and_told_apart(owner: Someone, member: Someone) -> None:
    sent, unsent = attach(owner, b"Zeus", "gods.txt"), attach(owner)
    receipt = post(owner, attachment_ids=[sent])
    attach(member)
    client = owner.client()

    every = client.get("/api/v1/attachments").json()["results"]

    assert [(row["id"], row["message"]) for row in every] == [(str(unsent), None), (str(sent), str(receipt.message))]
    assert [row["id"] for row in client.get("/api/v1/attachments?is_sent=true").json()["results"]] == [str(sent)]
    assert client.get("/api/v1/attachments?is_sent=false&limit=1").json()["results"][0]["id"] == str(unsent)
    one = client.get(f"/api/v1/attachments/{sent}").json()
    assert (one["name"], one["media_type"], one["url"]) == ("gods.txt", "text/plain", f"/attachments/{sent}/")
    assert member.client().get(f"/api/v1/attachments/{sent}").status_code == 404


def test_a_polyglot_is_served_as_the_image_it_begins_as(owner: Someone) -> None:
    file_id = attach(owner, picture("GIF") + HTML, "a.html")

    answer = owner.client().get(f"/attachments/{file_id}/")
    b"".join(answer.streaming_content)

    assert answer["Content-Type"] == "image/gif"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("size", [(10_000, 5_001), (2**31 - 1, 2**31 - 1), (100_000, 100_000)])
def test_a_decompression_bomb_is_refused_before_it_unpacks(size: tuple[int, int], owner: Someone) -> None:
    with pytest.raises(AttachmentRefused):
        attach(owner, png(*size))


def test_a_file_that_is_too_large_is_refused(owner: Someone) -> None:
    with pytest.raises(AttachmentRefused, match="20 MB"):
        attach_file(owner.actor, name="a", size_bytes=MAX_SIZE_BYTES + 1, file=BytesIO(picture()))


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\a.png", "a.png"),
        ("a\x00b\n\u202ecod.png", "a\ufffdbcod.png"),
        ("", "file"),
        ("/", "file"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_name_is_only_a_name(name: str, stored: str, owner: Someone) -> None:
    assert Attachment.objects.get(pk=attach(owner, name=name)).name == stored


def test_over_rest_a_file_becomes_an_attachment(owner: Someone) -> None:
    answer = owner.client().post("/api/v1/attachments", {"file": SimpleUploadedFile("a.png", picture(), "text/html")})

    assert answer.status_code == 201
    assert answer.json()["media_type"] == "image/png"
    assert set(answer.json()) == {"id", "name", "media_type", "size_bytes", "message", "url", "created_at"}


@pytest.mark.parametrize("files", [{}, {"file": "text"}, {"file": SimpleUploadedFile("a.png", b"")}])
def test_over_rest_what_is_no_file_is_a_problem(files: dict[str, object], owner: Someone) -> None:
    answer = owner.client().post("/api/v1/attachments", files)

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["field"] == "file"


def test_a_file_goes_with_one_message(owner: Someone) -> None:
    file_id = attach(owner)
    receipt = post(owner, attachment_ids=[file_id])

    with pytest.raises(AttachmentRefused):
        post(owner, attachment_ids=[file_id])

    assert Attachment.objects.get().message_id == receipt.message


def test_another_persons_file_cannot_be_sent(owner: Someone, member: Someone, stranger: Someone) -> None:
    file_id = attach(owner)

    for who in (member, stranger):
        with pytest.raises(AttachmentRefused):
            post(who, attachment_ids=[file_id])

    assert Attachment.objects.get().message_id is None


def test_files_go_in_the_order_they_were_named(owner: Someone) -> None:
    first, second = attach(owner), attach(owner)

    receipt = post(owner, "", attachment_ids=[second, first])

    assert set(Attachment.objects.filter(message_id=receipt.message).values_list("pk", flat=True)) == {first, second}


def test_a_file_named_twice_is_sent_once(owner: Someone) -> None:
    file_id = attach(owner)

    receipt = post(owner, attachment_ids=[file_id, file_id])

    assert Attachment.objects.filter(message_id=receipt.message).count() == 1


def test_a_file_no_message_has_is_removed_with_its_bytes(
    owner: Someone, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    path = Path(Attachment.objects.get(pk=(file_id := attach(owner))).file.path)

    with django_capture_on_commit_callbacks(execute=True):
        remove_attachment(owner.actor, attachment_id=file_id)
        remove_attachment(owner.actor, attachment_id=file_id)

    assert not path.exists()
    assert not Attachment.objects.exists()


def test_removing_an_old_conversation_leaves_a_file_that_an_edit_still_shows(owner: Someone) -> None:
    first = post(owner, attachment_ids=[attach(owner)])
    edit_message(owner.actor, client_id="e", message_id=first.message, text="Rather")  # type: ignore[arg-type]

    remove_deleted()

    assert all(Path(row.file.path).exists() for row in Attachment.objects.all())


def test_a_file_is_its_persons_alone(owner: Someone, member: Someone, stranger: Someone) -> None:
    from apps.chat.access import attachment_for_reading  # noqa: PLC0415 - beside its use

    file_id = attach(owner)

    assert attachment_for_reading(owner.actor, file_id).pk == file_id
    for who in (member, stranger):
        with pytest.raises(NotFound):
            attachment_for_reading(who.actor, file_id)
