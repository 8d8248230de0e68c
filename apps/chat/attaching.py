"""Taking in a file: what it is, whether it may be, where it goes, and how it comes out again."""

import warnings
from collections.abc import Sequence
from io import BytesIO
from typing import BinaryIO
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _
from PIL import Image as Picture

from apps.chat.access.permissions import check_writes
from apps.chat.engine.texts import parse_text, text_type
from apps.chat.errors import AttachmentRefused, TooManyFiles
from apps.chat.models import Attachment
from olympus.kernel.actor import Actor
from olympus.kernel.text import clean_text

MAX_SIZE_BYTES = 20 * 1024 * 1024
# A text of this size is already more than any model of today reads at once.
MAX_TEXT_BYTES = 2 * 1024 * 1024
# What a person can have uploaded and not sent: ten messages full of files.
MAX_UNSENT = 200
MAX_UNSENT_BYTES = 500 * 1024 * 1024
# 50 megapixels is more than any camera phone takes and unpacks to 200 MB at most.
_MAX_PIXELS = 50_000_000
_MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
# A file that begins or is named like an image must be one: a broken picture is not attached as its bytes' text.
_PICTURE_BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"RIFF")
_PICTURE_NAMES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".heic", ".bmp", ".tif", ".tiff", ".ico")
# Text to look at, but written for machines: as text it would fill the prompt with nothing.
_DOCUMENT_BEGINNINGS = (b"%PDF-", b"{\\rtf")


def attach_file(actor: Actor, *, name: str, size_bytes: int, file: BinaryIO) -> Attachment:
    """This will store an image or a text for a message to come; what it is is read from its bytes.

    Raises:
        AttachmentRefused: too large, neither image nor text, or broken.
        TooManyFiles: the actor has uploaded much and sent nothing of it.
    """
    check_writes(actor)
    if size_bytes > MAX_SIZE_BYTES:
        raise AttachmentRefused(_("An image may have 20 MB at most, a text 2 MB."), field="file")
    _check_room(actor, size_bytes)
    name = plain_name(name)
    if _claims_to_be_a_picture(name, file):
        return _store(actor, name, _image_type(file), size_bytes, file)
    return store_text(actor, name=name, text=checked_text(size_bytes, file))


def store_text(actor: Actor, *, name: str, text: bytes, project_id: UUID | None = None) -> Attachment:
    """This will store a checked text, for a message to come or in a project."""
    return _store(actor, name, text_type(name), len(text), BytesIO(text), project_id)


def remove_attachment(actor: Actor, *, attachment_id: UUID) -> None:
    """This will remove a file no message was sent with; removing it twice is no error."""
    check_writes(actor)
    forget_files(
        Attachment.objects.filter(
            pk=attachment_id,
            organization_id=actor.organization_id,
            owner_id=actor.user_id,
            message=None,
            project=None,
        )
    )


def checked_text(size_bytes: int, file: BinaryIO) -> bytes:
    """This will read a text file as UTF-8 bytes without a byte order mark.

    Raises:
        AttachmentRefused: too large, or not text.
    """
    if size_bytes > MAX_TEXT_BYTES:
        raise AttachmentRefused(_("A text file may have 2 MB at most. Attach the part that matters."), field="file")
    file.seek(0)
    data = file.read(MAX_TEXT_BYTES + 1)
    if data.startswith(_DOCUMENT_BEGINNINGS):
        raise AttachmentRefused(
            _("Documents cannot be read yet. Attach their text, or a picture of a page."), field="file"
        )
    text = parse_text(data)
    if text is None:
        raise AttachmentRefused(_("Attach a PNG, JPEG, GIF or WebP image, or a text file in UTF-8."), field="file")
    return text.encode()


@transaction.atomic
def forget_files(rows: "QuerySet[Attachment]") -> int:
    """This will remove attachments, and the files no other row names once that is sure.

    A message that takes one of them at the same moment either has it, or is refused: both lock it.
    """
    found = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for attachment in found:
        attachment.delete()
    transaction.on_commit(lambda: _remove_unnamed(found))
    return len(found)


def _remove_unnamed(gone: Sequence[Attachment]) -> None:
    """A file may have several rows: an edited message keeps its files, and so does a fork."""
    names = {attachment.file.name for attachment in gone}
    still_named = set(Attachment.objects.filter(file__in=names).values_list("file", flat=True))
    for name in names - still_named:
        default_storage.delete(str(name))


def read_bytes(attachment: Attachment) -> bytes:
    """This will read a file; one whose bytes are lost reads as empty."""
    try:
        with attachment.file.open("rb") as file:
            data: bytes = file.read()
            return data
    except FileNotFoundError:
        return b""


def read_text(attachment: Attachment) -> str:
    """This will read a text file."""
    return read_bytes(attachment).decode("utf-8", "replace")


def plain_name(name: str) -> str:
    """This will keep of a file's name what can be shown: no folders, no invisible characters, 200 at most."""
    plain = "".join(c for c in clean_text(name).replace("\\", "/").rpartition("/")[2] if c.isprintable())
    return plain[-200:] or "file"


def _store(
    actor: Actor, name: str, media_type: str, size_bytes: int, file: BinaryIO, project_id: UUID | None = None
) -> Attachment:
    file.seek(0)
    attachment = Attachment(
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        project_id=project_id,
        name=name,
        media_type=media_type,
        size_bytes=size_bytes,
    )
    attachment.file.save("file", File(file), save=False)
    attachment.save(force_insert=True)
    return attachment


def _check_room(actor: Actor, size_bytes: int) -> None:
    unsent = Attachment.objects.filter(owner_id=actor.user_id, message=None, project=None)
    held = unsent.aggregate(count=Count("id"), size=Sum("size_bytes"))
    if held["count"] >= MAX_UNSENT or (held["size"] or 0) + size_bytes > MAX_UNSENT_BYTES:
        raise TooManyFiles


def _claims_to_be_a_picture(name: str, file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(8).startswith(_PICTURE_BEGINNINGS) or name.lower().endswith(_PICTURE_NAMES)


def _image_type(file: BinaryIO) -> str:
    refusal = AttachmentRefused(
        _("This is no PNG, JPEG, GIF or WebP image, or it is broken. Save it again, then attach it."), field="file"
    )
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Picture.DecompressionBombWarning)
            with Picture.open(file, formats=tuple(_MEDIA_TYPES)) as picture:
                if picture.width * picture.height > _MAX_PIXELS:
                    raise AttachmentRefused(_("An image may have 50 megapixels at most."), field="file")
                media_type = _MEDIA_TYPES[str(picture.format)]
                picture.verify()
                return media_type
    except (OSError, ValueError, SyntaxError, Picture.DecompressionBombError) as error:
        raise refusal from error
