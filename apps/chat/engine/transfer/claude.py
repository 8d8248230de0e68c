"""Claude's data export: `chat_messages` with blocks of content; each names the message above it.

Source: osteele/claude-chat-viewer's schema and exports of 2025-26; the vendor publishes no format.
"""

from collections.abc import Iterator
from typing import Any

from apps.chat.engine.transfer.shapes import Format, Node, ReadConversation, SourceFile
from apps.chat.engine.transfer.tree import grown
from apps.chat.engine.transfer.values import dict_of, digest_key, dumped, key_of, list_of, text_of, when

# What stands above a first message.
_ROOT = "00000000-0000-4000-8000-000000000000"


def is_claude(value: dict[str, Any]) -> bool:
    """This will tell whether this is a conversation of Claude."""
    return isinstance(value.get("chat_messages"), list)


def read_claude(value: dict[str, Any]) -> ReadConversation:
    """This will read one conversation."""
    nodes = list(_nodes(value["chat_messages"]))
    ordered, leaf = grown(nodes, key_of(value.get("current_leaf_message_uuid")) or (nodes[-1].key if nodes else None))
    title = text_of(value.get("name"))
    return ReadConversation(
        format=Format.CLAUDE,
        key=key_of(value.get("uuid")) or digest_key(title, value.get("created_at"), ordered[0].key),
        title=title,
        nodes=ordered,
        leaf=leaf,
        created_at=when(value.get("created_at")),
        updated_at=when(value.get("updated_at")),
        is_pinned=value.get("is_starred") is True,
    )


def _nodes(raw_messages: list[Any]) -> Iterator[Node]:
    previous: str | None = None
    for index, raw in enumerate(raw_messages):
        message = dict_of(raw)
        key = key_of(message.get("uuid")) or f"message-{index}"
        # Older exports name no parent: they hold one branch in order.
        parent = key_of(message.get("parent_message_uuid")) if "parent_message_uuid" in message else previous
        previous = key
        node = Node(key=key, parent=None if parent in ("", _ROOT) else parent, role=_role(message))
        node.created_at = when(message.get("created_at"))
        if node.role == "assistant":
            node.provider = "Claude"
            node.model = text_of(message.get("model"))[:200]
        _fill(node, message)
        node.files = list(_files(message))
        node.is_hidden = not (node.text or node.thinking or node.tool_calls or node.files)
        yield node


def _role(message: dict[str, Any]) -> str:
    return "assistant" if message.get("sender") == "assistant" else "user"


def _fill(node: Node, message: dict[str, Any]) -> None:
    """Newer exports leave `text` empty and have all in blocks; older ones the other way."""
    texts: list[str] = []
    for raw in list_of(message.get("content")):
        block = dict_of(raw)
        kind = block.get("type")
        if kind == "text":
            texts.append(text_of(block.get("text")))
        elif kind == "thinking":
            node.thinking = "\n\n".join(filter(None, (node.thinking, text_of(block.get("thinking")))))
        elif kind == "tool_use":
            call_id = key_of(block.get("id")) or f"{node.key}-{len(node.tool_calls)}"
            name = text_of(block.get("name"))[:100] or "tool"
            node.tool_calls = [
                *node.tool_calls,
                {"id": call_id, "name": name, "arguments": dumped(block.get("input"))},
            ]
        elif kind == "tool_result":
            _add_result(node, block)
    node.text = "\n\n".join(filter(None, texts)) or text_of(message.get("text"))


def _add_result(node: Node, block: dict[str, Any]) -> None:
    parts = [text_of(dict_of(part).get("text")) for part in list_of(block.get("content"))]
    result = "\n".join(filter(None, parts)) or dumped(block.get("content"))
    wanted = key_of(block.get("tool_use_id"))
    for call in reversed(node.tool_calls):
        if "result" not in call and wanted in ("", call["id"]):
            call["result"] = result
            return


def _files(message: dict[str, Any]) -> Iterator[SourceFile]:
    """Pasted and extracted text is in the export; pictures are only named."""
    for raw in list_of(message.get("attachments")):
        attachment = dict_of(raw)
        words = text_of(attachment.get("extracted_content"))
        name = text_of(attachment.get("file_name")) or "pasted.txt"
        yield SourceFile(name=name, data=words.encode() if words else None)
    seen: set[str] = set()
    for raw in [*list_of(message.get("files")), *list_of(message.get("files_v2"))]:
        file = dict_of(raw)
        file_id = key_of(file.get("file_uuid"), file.get("file_name"))
        if file_id and file_id not in seen:
            seen.add(file_id)
            yield SourceFile(name=text_of(file.get("file_name")) or file_id)
