"""Which export a file is, by what it holds, and its conversations one at a time."""

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from apps.chat.engine.transfer.archive import Archive, is_archive
from apps.chat.engine.transfer.chatgpt import FileNames, is_chatgpt, read_chatgpt
from apps.chat.engine.transfer.claude import is_claude, read_claude
from apps.chat.engine.transfer.librechat import is_librechat, read_librechat
from apps.chat.engine.transfer.markdown_text import MAX_BYTES, is_markdown, read_markdown
from apps.chat.engine.transfer.open_webui import is_open_webui, read_open_webui
from apps.chat.engine.transfer.own import is_own, read_own
from apps.chat.engine.transfer.reading import OVERSIZED, count_values, values_of
from apps.chat.engine.transfer.shapes import Item, NotReadable, ReadConversation, Reason, Unread
from apps.chat.engine.transfer.values import text_of

logger = logging.getLogger(__name__)
# Files of known exports that hold no conversations, of any size.
_NO_CONVERSATIONS = re.compile(
    r"(user|users|projects|memories|message_feedback|shared_conversations|model_comparisons|group_chats|shopping|sora"
    r"|conversation_asset_file_names|export_manifest|manifest|olympus)\.json$"
)
_CONVERSATIONS = re.compile(r"(^|/)(conversations|chats)([-_ ]?\d+)?\.json$", re.IGNORECASE)
_HEAD_BYTES = 200
_CHUNK_BYTES = 65_536
_JSON_BEGINS = (b"{", b"[")


class Export:
    """An export that was recognized; iterate it for its conversations, as often as needed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.archive = Archive(file) if is_archive(file) else None
        names = self.archive.names() if self.archive else []
        self._file_names = FileNames(names)
        self._parts = _parts(names)
        if self.archive is not None and not self._parts:
            raise NotReadable(Reason.UNKNOWN_FORMAT)

    def count(self) -> int:
        """This will count the conversations quickly; broken parts count as far as they can be read."""
        return sum(self._each(_count))

    def __iter__(self) -> Iterator[Item]:
        for part in self._each(lambda file: self._items(file)):
            yield from part

    def _each(self, read: Callable[[BinaryIO], Any]) -> Iterator[Any]:
        if self.archive is None:
            self._file.seek(0)
            yield read(self._file)
            return
        for name in self._parts:
            with self.archive.open(name) as file:
                yield read(file)

    def _items(self, file: BinaryIO) -> Iterator[Item]:
        """A part that breaks off gives what came before and then says so."""
        title = ""
        try:
            head, file = _with_head(file)
            if not head.lstrip().removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_JSON_BEGINS):
                yield self._from_text(head, file)
                return
            for value in values_of(file):
                item = self._from_value(value)
                title = item.title
                yield item
        except NotReadable as broken:
            yield Unread(title=title, reason=broken.reason)

    def _from_text(self, head: bytes, file: BinaryIO) -> Item:
        if not head.strip():
            return Unread(title="", reason=Reason.EMPTY)
        if not is_markdown(head.decode("utf-8", "replace")):
            return Unread(title="", reason=Reason.UNKNOWN_FORMAT)
        data = bytearray()
        while chunk := file.read(_CHUNK_BYTES):
            data += chunk
            if len(data) > MAX_BYTES:
                return Unread(title="", reason=Reason.TOO_LARGE)
        return read_markdown(text_of(data.decode("utf-8", "replace")))

    def _from_value(self, value: Any) -> Item:
        if value is OVERSIZED:
            return Unread(title="", reason=Reason.TOO_LARGE)
        if not isinstance(value, dict):
            return Unread(title="", reason=Reason.NOT_A_CONVERSATION)
        title = text_of(value.get("title")) or text_of(value.get("name"))
        try:
            return self._read(value) or Unread(title=title[:200], reason=Reason.NOT_A_CONVERSATION)
        except NotReadable as broken:
            return Unread(title=title[:200], reason=broken.reason)
        except Exception:  # a conversation of a shape nobody thought of costs itself and not the others
            logger.exception("a conversation could not be read")
            return Unread(title=title[:200], reason=Reason.FAILED)

    def _read(self, value: dict[str, Any]) -> ReadConversation | None:
        if is_own(value):
            return read_own(value)
        if is_chatgpt(value):
            return read_chatgpt(value, self._file_names)
        readers = ((is_claude, read_claude), (is_open_webui, read_open_webui), (is_librechat, read_librechat))
        return next((read(value) for fits, read in readers if fits(value)), None)


def _parts(names: list[str]) -> list[str]:
    """The members that hold conversations: by the names products give, else all that could."""
    named = sorted(name for name in names if _CONVERSATIONS.search(name))
    return named or sorted(
        name for name in names if name.endswith((".json", ".md")) and not _NO_CONVERSATIONS.search(name)
    )


def _count(file: BinaryIO) -> int:
    head, file = _with_head(file)
    is_json = head.lstrip().removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_JSON_BEGINS)
    return count_values(file) if is_json else 1


def _with_head(file: BinaryIO) -> tuple[bytes, BinaryIO]:
    head = file.read(_HEAD_BYTES)
    return head, _Again(head, file)  # type: ignore[return-value]  # only read() is used


class _Again:
    """A file whose beginning was looked at and is read once more."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head, self._file = head, file

    def read(self, size: int = -1) -> bytes:
        if self._head and size:  # ijson asks for nothing first, to learn what kind of data comes
            head, self._head = self._head, b""
            return head + self._file.read(size) if size < 0 else head
        return self._file.read(size)
