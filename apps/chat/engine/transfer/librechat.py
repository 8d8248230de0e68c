"""LibreChat's JSON export of one conversation: the branch being read, all branches, or a tree of children.

Source: danny-avila/LibreChat, `client/src/hooks/Conversations/useExportConversation.ts` (v0.8).
"""

from collections.abc import Iterator
from typing import Any

from apps.chat.engine.transfer.shapes import Format, Node, ReadConversation, SourceFile
from apps.chat.engine.transfer.tree import grown
from apps.chat.engine.transfer.values import dict_of, digest_key, dumped, key_of, list_of, text_of, when

_ROOT = "00000000-0000-0000-0000-000000000000"


def is_librechat(value: dict[str, Any]) -> bool:
    """This will tell whether this is a conversation of LibreChat."""
    return "conversationId" in value and isinstance(value.get("messagesTree") or value.get("messages"), list | dict)


def read_librechat(value: dict[str, Any]) -> ReadConversation:
    """This will read one conversation."""
    options = dict_of(value.get("options"))
    raw = value.get("messagesTree") or value.get("messages")
    nodes = [_node(*found, options) for found in _walk(raw if isinstance(raw, list) else [raw])]
    ordered, leaf = grown(nodes, nodes[-1].key if nodes else None)
    title = text_of(value.get("title"))
    times = [node.created_at for node in ordered if node.created_at]
    return ReadConversation(
        format=Format.LIBRECHAT,
        key=key_of(value.get("conversationId")) or digest_key(title, ordered[0].key),
        title=title,
        nodes=ordered,
        leaf=leaf,
        created_at=min(times, default=None),
        updated_at=max(times, default=None),
        settings=_settings(options),
    )


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    system = text_of(options.get("promptPrefix")) or text_of(options.get("system"))
    return {"options": {"system": system[:100_000]}} if system else {}


def _walk(raw_messages: list[Any]) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """Each message with its key and parent, children after their parents, however deep they nest."""
    work: list[tuple[Any, str | None]] = [(raw, None) for raw in reversed(raw_messages)]
    number = 0
    previous: str | None = None
    while work:
        raw, above = work.pop()
        message = dict_of(raw)
        number += 1
        key = key_of(message.get("messageId")) or f"message-{number}"
        named = key_of(message.get("parentMessageId"))
        # A flat file without parents holds one branch in order.
        parent = above or (named if "parentMessageId" in message else previous)
        previous = key
        yield key, None if parent in ("", _ROOT) else parent, message
        work.extend((child, key) for child in reversed(list_of(message.get("children"))))


def _node(key: str, parent: str | None, message: dict[str, Any], options: dict[str, Any]) -> Node:
    is_own = message.get("isCreatedByUser") is True or message.get("sender") == "User"
    node = Node(key=key, parent=parent, role="user" if is_own else "assistant")
    node.created_at = when(message.get("createdAt"))
    _fill(node, message)
    if not is_own:
        node.model = (text_of(message.get("model")) or text_of(options.get("model")))[:200]
        node.provider = "LibreChat"
        if message.get("error") is True:
            node.state, node.error_code = "error", "imported_error"
            node.error_message, node.text = node.text[:1000], ""
        elif message.get("unfinished") is True:
            node.state = "interrupted"
    node.files = [
        SourceFile(name=text_of(dict_of(file).get("filename")) or "file") for file in list_of(message.get("files"))
    ]
    node.is_hidden = not (node.text or node.thinking or node.tool_calls or node.files or node.error_message)
    return node


def _fill(node: Node, message: dict[str, Any]) -> None:
    texts: list[str] = []
    for raw in list_of(message.get("content")):
        part = dict_of(raw)
        kind = part.get("type")
        if kind in ("text", "error"):
            texts.append(_words(part.get("text")))
        elif kind == "think":
            node.thinking = "\n\n".join(filter(None, (node.thinking, _words(part.get("think")))))
        elif kind == "tool_call":
            call = dict_of(part.get("tool_call"))
            function = dict_of(call.get("function"))
            entry = {
                "id": key_of(call.get("id")) or f"{node.key}-{len(node.tool_calls)}",
                "name": (text_of(call.get("name")) or text_of(function.get("name")) or "tool")[:100],
                "arguments": dumped(call.get("args") or function.get("arguments") or ""),
            }
            output = call.get("output") or function.get("output")
            node.tool_calls = [*node.tool_calls, {**entry, "result": dumped(output)} if output else entry]
    node.text = "\n\n".join(filter(None, texts)) or text_of(message.get("text"))


def _words(value: Any) -> str:
    return text_of(value) or text_of(dict_of(value).get("value"))
