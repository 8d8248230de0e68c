"""Taking in a file: what it is, whether it may be, and where it goes."""

import warnings
from typing import BinaryIO
from uuid import UUID

from django.core.files import File
from PIL import Image as Picture

from apps.chat.errors import AttachmentRefused
from apps.chat.models import Attachment
from olympus.kernel.actor import Actor
from olympus.kernel.errors import Denied
from olympus.kernel.text import clean_text

MAX_SIZE_BYTES = 20 * 1024 * 1024
# 50 megapixels is more than any camera phone takes and unpacks to 200 MB at most.
_MAX_PIXELS = 50_000_000
_MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


def attach_file(actor: Actor, *, name: str, size_bytes: int, file: BinaryIO) -> Attachment:
    """This will store an image for a message to come; its type is read from its bytes, not its name.

    Raises:
        AttachmentRefused: too large, not one of the image types, or broken.
    """
    if not actor.may_write:
        raise Denied("You may read here, but not change anything.")
    if size_bytes > MAX_SIZE_BYTES:
        raise AttachmentRefused("An image may have 20 MB at most.", field="file")
    media_type = _image_type(file)
    file.seek(0)
    attachment = Attachment(
        organization_id=actor.organization_id,
        owner_id=actor.user_id,
        name=_plain_name(name),
        media_type=media_type,
        size_bytes=size_bytes,
    )
    attachment.file.save("file", File(file), save=False)
    attachment.save(force_insert=True)
    return attachment


def remove_attachment(actor: Actor, *, attachment_id: UUID) -> None:
    """This will remove a file no message was sent with; removing it twice is no error."""
    if not actor.may_write:
        raise Denied("You may read here, but not change anything.")
    unsent = Attachment.objects.filter(
        pk=attachment_id, organization_id=actor.organization_id, owner_id=actor.user_id, message=None
    )
    for attachment in unsent:
        attachment.file.delete(save=False)
        attachment.delete()


def _image_type(file: BinaryIO) -> str:
    refusal = AttachmentRefused("Attach a PNG, JPEG, GIF or WebP image.", field="file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Picture.DecompressionBombWarning)
            with Picture.open(file, formats=tuple(_MEDIA_TYPES)) as picture:
                if picture.width * picture.height > _MAX_PIXELS:
                    raise AttachmentRefused("An image may have 50 megapixels at most.", field="file")
                media_type = _MEDIA_TYPES[str(picture.format)]
                picture.verify()
                return media_type
    except (OSError, ValueError, SyntaxError, Picture.DecompressionBombError) as error:
        raise refusal from error


def _plain_name(name: str) -> str:
    plain = "".join(c for c in clean_text(name).replace("\\", "/").rpartition("/")[2] if c.isprintable())
    return plain[-200:] or "image"
