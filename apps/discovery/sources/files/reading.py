"""Reading a file somebody else wrote: of bounded size, a plain file, text, and never waited for."""

import os
import stat
from pathlib import Path

from django.utils.translation import gettext as _

from olympus.kernel.errors import Invalid

# A long-used ~/.claude.json, which keeps more than servers, has a few megabytes; lists of servers have some kilobytes.
MAX_BYTES = 8 * 1024 * 1024


def read_file(path: Path) -> bytes | None:
    """This will read a file, or tell by None that there is none. A link is followed, a circle of links refused.

    Raises:
        Invalid: it is too large, no plain file, or may not be read; no more than the limit was read.
    """
    try:
        # Without O_NONBLOCK a pipe that nobody writes to would be waited for.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise Invalid(_unreadable(path, error), field="file") from error
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Invalid(_("%(path)s is not a plain file.") % {"path": path}, field="file")
        check_size(status.st_size)
        with os.fdopen(os.dup(handle), "rb") as file:
            content = file.read(MAX_BYTES + 1)
    finally:
        os.close(handle)
    check_size(len(content))
    return content


def check_size(size: int) -> None:
    """This will refuse a file that is larger than any list of servers; call it before the content is read.

    Raises:
        Invalid
    """
    if size > MAX_BYTES:
        said = _("The file is larger than %(limit)d MB and was not read.")
        raise Invalid(said % {"limit": MAX_BYTES // 1024 // 1024}, field="file")


def text_of(content: bytes) -> str:
    """This will decode a file's text.

    Raises:
        Invalid: it is too large, or no UTF-8 text.
    """
    check_size(len(content))
    if b"\x00" in content:
        raise Invalid(_("The file contains NUL bytes, so it is no text file."), field="file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(_("The file is not UTF-8 text."), field="file") from error


def _unreadable(path: Path, error: Exception) -> str:
    why = error.strerror if isinstance(error, OSError) else _("not a path")
    return _("%(path)s cannot be read: %(why)s.") % {"path": path, "why": why}
