"""Our own export, complete: written and read here, so that the two cannot part."""

from collections.abc import Mapping
from typing import Any

import msgspec

from apps.chat.engine.transfer.shapes import Format, Node, ReadConversation, SourceFile
from apps.chat.engine.transfer.tree import grown
from apps.chat.engine.transfer.values import dict_of, key_of, list_of, text_of, when
from olympus.kernel.text import clean_data

MARK = "olympus.conversation/1"
_STATES = frozenset({"complete", "error", "cancelled", "interrupted"})
# What a setting or an option may hold is small; the store refuses absurd numbers.
_MAX_COUNT = 2_000_000_000


def is_own(value: dict[str, Any]) -> bool:
    """This will tell whether this is a conversation of an Olympus."""
    return value.get("format") == MARK


def read_own(value: dict[str, Any]) -> ReadConversation:
    """This will read one conversation."""
    nodes = [_node(dict_of(raw), index) for index, raw in enumerate(list_of(value.get("messages")))]
    ordered, leaf = grown(nodes, key_of(value.get("active_leaf")) or None)
    project = dict_of(value.get("project"))
    return ReadConversation(
        format=Format.OLYMPUS,
        key=key_of(value.get("id")) or ordered[0].key,
        title=text_of(value.get("title")),
        nodes=ordered,
        leaf=leaf,
        created_at=when(value.get("created_at")),
        updated_at=when(value.get("updated_at")),
        is_archived=value.get("is_archived") is True,
        is_pinned=value.get("is_pinned") is True,
        title_source=text_of(value.get("title_source")),
        settings=_plain(value.get("settings")),
        project={"name": text_of(project.get("name"))[:100], "instructions": text_of(project.get("instructions"))}
        if text_of(project.get("name"))
        else None,
    )


def encoded(conversation: Mapping[str, Any]) -> bytes:
    """This will write one conversation as JSON in one line."""
    return msgspec.json.encode({"format": MARK, **conversation})


def _node(raw: dict[str, Any], index: int) -> Node:
    state = text_of(raw.get("state"))
    return Node(
        key=key_of(raw.get("id")) or f"message-{index}",
        parent=key_of(raw.get("parent")) or None,
        role="user" if raw.get("role") == "user" else "assistant",
        text=text_of(raw.get("text")),
        thinking=text_of(raw.get("thinking")),
        tool_calls=[_plain(call) for call in list_of(raw.get("tool_calls"))],
        files=[_file(dict_of(file)) for file in list_of(raw.get("attachments"))],
        model=text_of(raw.get("model"))[:200],
        provider=text_of(raw.get("provider"))[:200],
        created_at=when(raw.get("created_at")),
        state=state if state in _STATES else "interrupted",
        options=_plain(raw.get("options")),
        context=_plain(raw.get("context")) or None,
        route=_plain(raw.get("route")) or None,
        comparison=key_of(raw.get("comparison_id")) or None,
        token_count=_count(raw.get("token_count")),
        left_out_count=_count(raw.get("left_out_count")),
        error_code=text_of(raw.get("error_code"))[:60],
        error_message=text_of(raw.get("error_message"))[:1000],
    )


def _file(raw: dict[str, Any]) -> SourceFile:
    return SourceFile(name=text_of(raw.get("name")) or "file", path=text_of(raw.get("path")) or None)


def _plain(value: Any) -> dict[str, Any]:
    """An object as it can be stored; one nested past reading is left out."""
    try:
        plain: dict[str, Any] = clean_data(dict_of(value))
    except RecursionError:
        return {}
    return plain


def _count(value: Any) -> int:
    return min(max(value, 0), _MAX_COUNT) if isinstance(value, int) and not isinstance(value, bool) else 0
