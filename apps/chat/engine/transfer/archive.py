"""Zip archives from strangers: read a member at a time, never unpacked, bounded in every way."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO

from apps.chat.engine.transfer.shapes import NotReadable, Reason

# The list of members is held in memory: about 300,000 of them.
MAX_LISTING_BYTES = 32_000_000
# All that is read of one archive together.
MAX_UNPACKED_BYTES = 2 * 1024**3
# JSON shrinks to a tenth; what shrinks to a two-hundredth was made to swell.
MAX_RATIO = 200
_RATIO_FROM_BYTES = 20_000_000
_MAX_COMMENT_BYTES = 65_557
# RuntimeError is how Python's reader says that it knows a way of packing or locking by name only.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, struct.error, RuntimeError,
)  # fmt: skip


def is_archive(file: BinaryIO) -> bool:
    """This will tell by its first bytes whether a file is a zip archive."""
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    return head[:2] == b"PK" and head[2:] in (b"\x03\x04", b"\x05\x06", b"\x07\x08")


class Archive:
    """An open archive; what is read of all its members together is counted."""

    def __init__(self, file: BinaryIO) -> None:
        _check_listing(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except _BROKEN as error:
            raise NotReadable(Reason.BROKEN_ARCHIVE) from error
        self._read_bytes = 0
        members = [member for member in self._zip.infolist() if not _is_noise(member.filename)]
        self._members = {member.filename: member for member in members if not member.is_dir()}

    def names(self) -> list[str]:
        """This will list the files in it."""
        return list(self._members)

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """This will open a member for reading; going past a bound raises NotReadable."""
        member = self._members[name]
        if member.flag_bits & 0x1:
            raise NotReadable(Reason.ENCRYPTED_ARCHIVE)
        try:
            opened = self._zip.open(member)
        except _BROKEN as error:
            raise NotReadable(Reason.BROKEN_ARCHIVE) from error
        with opened as file:
            yield _Counted(file, self, member.compress_size)  # type: ignore[misc]  # only read() is used

    def read(self, name: str, *, limit_bytes: int) -> bytes | None:
        """This will read a small member whole; None if it is not there or larger."""
        member = self._members.get(name)
        if member is None or member.file_size > limit_bytes:
            return None
        with self.open(name) as file:
            data = file.read(limit_bytes + 1)
        return data if len(data) <= limit_bytes else None

    def count(self, size_bytes: int) -> None:
        """This will add to what was read."""
        self._read_bytes += size_bytes
        if self._read_bytes > MAX_UNPACKED_BYTES:
            raise NotReadable(Reason.ARCHIVE_TOO_LARGE)


class _Counted:
    def __init__(self, file: IO[bytes], archive: Archive, packed_bytes: int) -> None:
        self._file, self._archive, self._packed_bytes, self._read_bytes = file, archive, packed_bytes, 0

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._file.read(size)
        except _BROKEN as error:
            raise NotReadable(Reason.BROKEN_ARCHIVE) from error
        self._archive.count(len(data))
        self._read_bytes += len(data)
        if self._read_bytes > max(_RATIO_FROM_BYTES, self._packed_bytes * MAX_RATIO):
            raise NotReadable(Reason.ARCHIVE_BOMB)
        return data


def _is_noise(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("._") or "\x00" in name


def _check_listing(file: BinaryIO) -> None:
    """Refuse a listing that would fill the memory before Python's reader loads it. Source: APPNOTE.TXT 4.3.14-16."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _MAX_COMMENT_BYTES))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise NotReadable(Reason.BROKEN_ARCHIVE)
    listing_bytes: int = struct.unpack_from("<L", tail, at + 12)[0]
    if listing_bytes == 0xFFFFFFFF:
        listing_bytes = _large_listing(file, tail, at)
    file.seek(0)
    if listing_bytes > MAX_LISTING_BYTES:
        raise NotReadable(Reason.ARCHIVE_TOO_LARGE)


def _large_listing(file: BinaryIO, tail: bytes, at: int) -> int:
    if at < 20 or tail[at - 20 : at - 16] != b"PK\x06\x07":
        raise NotReadable(Reason.BROKEN_ARCHIVE)
    try:
        file.seek(struct.unpack_from("<Q", tail, at - 12)[0])
        record: Any = struct.unpack_from("<Q", file.read(56), 40)
    except _BROKEN as error:
        raise NotReadable(Reason.BROKEN_ARCHIVE) from error
    size_bytes: int = record[0]
    return size_bytes
