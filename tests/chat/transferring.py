"""Short ways to import and export in tests."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from apps.chat.models import Attachment, Conversation, Message, TransferJob
from apps.chat.services.carrying import carry_out
from apps.chat.services.transfer import order_export, order_import
from tests.support.cast import Someone

EXPORTS = Path(__file__).parent / "exports"


def fixture(name: str) -> bytes:
    """Read an export of some product."""
    return (EXPORTS / name).read_bytes()


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    """Make an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def bring_in(who: Someone, data: bytes, name: str = "export.json") -> TransferJob:
    """Import as a worker would, and give the job as it ended."""
    job = order_import(who.actor, name=name, size_bytes=len(data), file=io.BytesIO(data))
    carry_out(job.pk)
    job.refresh_from_db()
    return job


def take_out(who: Someone, format: str = "json", **more: Any) -> bytes:  # noqa: A002 - the word of the API
    """Export as a worker would, and give the archive."""
    job = order_export(who.actor, format=format, **more)
    carry_out(job.pk)
    job.refresh_from_db()
    assert job.state == "complete", job.error_message
    with job.file.open("rb") as file:
        data: bytes = file.read()
    return data


def chatgpt(*messages: tuple[str, str, str | None, str], key: str = "c", **more: Any) -> dict[str, Any]:
    """Write a conversation as ChatGPT does: (id, role, parent, text) each."""
    mapping = {
        key: {
            "id": key,
            "parent": parent,
            "message": {
                "author": {"role": role},
                "create_time": 1_700_000_000 + number,
                "content": {"content_type": "text", "parts": [text]},
                "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {},
            },
        }
        for number, (key, role, parent, text) in enumerate(messages)
    }
    return {"conversation_id": key, "title": "Said there", "create_time": 1_700_000_000, "mapping": mapping, **more}


def as_json(*values: Any) -> bytes:
    """Write a list of conversations."""
    return json.dumps(values).encode()


def trees(who: Someone) -> list[dict[str, Any]]:
    """All of a person's conversations with everything an export promises to keep, ids told by place."""
    return [
        _tree(c) for c in Conversation.objects.filter(owner=who.user, deleted_at=None).order_by("created_at", "title")
    ]


def _tree(conversation: Conversation) -> dict[str, Any]:
    messages = list(Message.objects.filter(conversation=conversation).order_by("depth", "id"))
    children: dict[Any, list[Message]] = {}
    for message in messages:
        children.setdefault(message.parent_id, []).append(message)
    kept = ("title", "title_source", "created_at", "updated_at", "settings")
    groups: dict[Any, int] = {}
    return {
        **{name: getattr(conversation, name) for name in kept},
        "is_pinned": conversation.pinned_at is not None,
        "is_archived": conversation.archived_at is not None,
        "project": conversation.project.name if conversation.project else None,
        "messages": [_branch(m, children, conversation.active_leaf_id, groups) for m in children.get(None, [])],
    }


def _branch(message: Message, children: dict[Any, list[Message]], leaf: Any, groups: dict[Any, int]) -> dict[str, Any]:
    kept = (
        "depth", "role", "text", "thinking", "tool_calls", "state", "model", "provider", "options", "context",
        "token_count", "left_out_count", "error_code", "error_message", "created_at",
    )  # fmt: skip
    files = Attachment.objects.filter(message=message)
    compared = groups.setdefault(message.comparison_id, len(groups)) if message.comparison_id else None
    return {
        **{name: getattr(message, name) for name in kept},
        "is_leaf": message.pk == leaf,
        "comparison": compared,
        "files": [(f.name, f.media_type, f.size_bytes, Path(f.file.path).read_bytes()) for f in files],
        "children": [_branch(child, children, leaf, groups) for child in children.get(message.pk, [])],
    }
