"""Conversations on their way out: complete as JSON with their files, or as Markdown to read."""

import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any, cast
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from apps.chat.engine.transfer import encoded, write_markdown
from apps.chat.models import Attachment, Conversation, Message
from apps.chat.selectors import branch_above

_BATCH = 200
_COPY_BYTES = 1_000_000
_IN_MEMORY_BYTES = 4_000_000
# A name has 255 bytes at most nearly everywhere, its ending among them.
_NAME_BYTES = 200
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u0000-\u001f\u202a-\u202e\u2066-\u2069]+')
Told = Callable[[int], bool]


def write_archive(conversations: "QuerySet[Conversation]", file: IO[bytes], format_name: str, told: Told) -> bool:
    """This will write conversations and their files as a zip archive.

    `told` hears how many are done and answers whether to go on; False comes back if it said no.
    """
    ids = list(conversations.order_by("created_at", "id").values_list("pk", flat=True))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        write = _write_json if format_name == "json" else _write_markdown
        is_whole = write(archive, ids, told)
        return is_whole and _write_files(archive, ids, lambda: told(len(ids)))


def json_of(conversation: Conversation) -> bytes:
    """This will write one conversation as JSON."""
    return encoded(_facts(conversation))


def markdown_of(conversation: Conversation) -> Iterator[str]:
    """This will write the branch being read as Markdown, piece by piece."""
    leaf = conversation.active_leaf_id
    branch = list(branch_above(leaf))[::-1] if leaf else []
    files = _files_of([message.pk for message in branch])
    head = {
        "id": str(conversation.pk),
        "title": conversation.title,
        "created_at": conversation.created_at.isoformat(),
        "updated_at": conversation.updated_at.isoformat(),
    }
    return write_markdown(head, (_message(message, files) for message in branch))


@dataclass(frozen=True, slots=True)
class OneFile:
    """A conversation as a file to take away."""

    name: str
    media_type: str
    content: bytes | IO[bytes]


def one_as_file(conversation: Conversation, *, is_markdown: bool) -> OneFile:
    """This will write one conversation as a file: alone, or where files belong to it with them in an archive."""
    if Attachment.objects.filter(message__conversation=conversation).exists():
        out = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the response closes it
        rows = Conversation.objects.filter(pk=conversation.pk)
        write_archive(rows, cast(IO[bytes], out), "markdown" if is_markdown else "json", lambda _done: True)
        out.seek(0)
        return OneFile(file_name(conversation.title, "zip"), "application/zip", cast(IO[bytes], out))
    if is_markdown:
        text = "".join(markdown_of(conversation))
        return OneFile(file_name(conversation.title, "md"), "text/markdown; charset=utf-8", text.encode())
    return OneFile(file_name(conversation.title, "json"), "application/json", json_of(conversation))


def file_name(title: str, ending: str) -> str:
    """This will make a name any system takes of a title."""
    plain = " ".join(_UNSAFE.sub(" ", title).split()).strip(". ")[:80]
    plain = plain.encode("utf-8", "ignore")[:_NAME_BYTES].decode("utf-8", "ignore").strip()
    return f"{plain or 'conversation'}.{ending}"


def _write_json(archive: zipfile.ZipFile, ids: list[UUID], told: Told) -> bool:
    about = {"format": "olympus.export/1", "exported_at": timezone.now().isoformat(), "conversation_count": len(ids)}
    archive.writestr("olympus.json", json.dumps(about))
    with archive.open("conversations.json", "w", force_zip64=True) as out:
        out.write(b"[\n")
        for number, conversation in enumerate(_each(ids)):
            out.write(b",\n" if number else b"")
            out.write(json_of(conversation))
            if not told(number + 1):
                return False
        out.write(b"\n]\n")
    return True


def _write_markdown(archive: zipfile.ZipFile, ids: list[UUID], told: Told) -> bool:
    for number, conversation in enumerate(_each(ids)):
        name = file_name(f"{conversation.created_at:%Y-%m-%d} {conversation.title}", f"{conversation.pk.hex[-8:]}.md")
        with archive.open(name, "w") as out:
            for piece in markdown_of(conversation):
                out.write(piece.encode())
        if not told(number + 1):
            return False
    return True


def _write_files(archive: zipfile.ZipFile, ids: list[UUID], may_go_on: Callable[[], bool]) -> bool:
    for batch in _batches(ids):
        for attachment in Attachment.objects.filter(message__conversation_id__in=batch).iterator(100):
            try:
                with attachment.file.open("rb") as source, archive.open(_path(attachment), "w") as out:
                    while data := source.read(_COPY_BYTES):
                        out.write(data)
            except FileNotFoundError:
                continue
        if not may_go_on():
            return False
    return True


def _each(ids: list[UUID]) -> Iterator[Conversation]:
    for batch in _batches(ids):
        yield from Conversation.objects.filter(pk__in=batch).select_related("project").order_by("created_at", "id")


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))


def _facts(conversation: Conversation) -> dict[str, Any]:
    messages = list(Message.objects.filter(conversation=conversation).order_by("depth", "id"))
    files = _files_of([message.pk for message in messages])
    project = conversation.project
    return {
        "id": str(conversation.pk),
        "title": conversation.title,
        "title_source": conversation.title_source,
        "project": {"name": project.name, "instructions": project.instructions} if project else None,
        "is_pinned": conversation.pinned_at is not None,
        "is_archived": conversation.archived_at is not None,
        "created_at": conversation.created_at.isoformat(),
        "updated_at": conversation.updated_at.isoformat(),
        "settings": conversation.settings,
        "active_leaf": str(conversation.active_leaf_id) if conversation.active_leaf_id else None,
        "messages": [_message(message, files) for message in messages],
    }


def _message(message: Message, files: dict[UUID, list[Attachment]]) -> dict[str, Any]:
    return {
        "id": str(message.pk),
        "parent": str(message.parent_id) if message.parent_id else None,
        "role": message.role,
        "text": message.text,
        "thinking": message.thinking,
        "tool_calls": message.tool_calls,
        "state": message.state,
        "model": message.model,
        "provider": message.provider,
        "options": message.options,
        "comparison_id": str(message.comparison_id) if message.comparison_id else None,
        "context": message.context,
        "route": message.route,
        "token_count": message.token_count,
        "left_out_count": message.left_out_count,
        "error_code": message.error_code,
        "error_message": message.error_message,
        "created_at": message.created_at.isoformat(),
        "attachments": [
            {"name": a.name, "media_type": a.media_type, "size_bytes": a.size_bytes, "path": _path(a)}
            for a in files.get(message.pk, [])
        ],
    }


def _files_of(message_ids: Iterable[UUID]) -> dict[UUID, list[Attachment]]:
    found: dict[UUID, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(message_id__in=list(message_ids)):
        if attachment.message_id:
            found.setdefault(attachment.message_id, []).append(attachment)
    return found


def _path(attachment: Attachment) -> str:
    return f"files/{attachment.pk.hex}"
