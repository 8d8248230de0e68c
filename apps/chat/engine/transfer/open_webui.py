"""Open WebUI's chat export: `chat.history.messages` is the tree, `currentId` the end of the branch being read.

Source: open-webui/open-webui, `backend/open_webui/models/chats.py` and `src/lib/components/chat/Settings/DataControls.svelte`.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from apps.chat.engine.transfer.shapes import Format, Node, ReadConversation, SourceFile
from apps.chat.engine.transfer.tree import grown
from apps.chat.engine.transfer.values import dict_of, digest_key, dumped, key_of, list_of, text_of, when

_REASONING = '<details type="reasoning"'
# An attachment of 20 MB in base64.
_MAX_DATA_CHARS = 28_000_000


def is_open_webui(value: dict[str, Any]) -> bool:
    """This will tell whether this is a chat of Open WebUI, alone or as its server keeps it."""
    chat = value.get("chat") if isinstance(value.get("chat"), dict) else value
    history = dict_of(dict_of(chat).get("history"))
    is_listed = chat is not value and isinstance(dict_of(chat).get("messages"), list)
    return isinstance(history.get("messages"), dict) or is_listed


def read_open_webui(value: dict[str, Any]) -> ReadConversation:
    """This will read one chat."""
    chat = value["chat"] if isinstance(value.get("chat"), dict) else value
    history = dict_of(chat.get("history"))
    nodes = list(_nodes(history.get("messages"), list_of(chat.get("messages"))))
    ordered, leaf = grown(nodes, key_of(history.get("currentId")) or (nodes[-1].key if nodes else None))
    title = text_of(value.get("title")) or text_of(chat.get("title"))
    created_at = when(value.get("created_at")) or when(chat.get("timestamp"))
    return ReadConversation(
        format=Format.OPEN_WEBUI,
        key=key_of(value.get("id"), chat.get("id")) or digest_key(title, chat.get("timestamp"), ordered[0].key),
        title=title,
        nodes=ordered,
        leaf=leaf,
        created_at=created_at,
        updated_at=when(value.get("updated_at")) or created_at,
        is_archived=value.get("archived") is True,
        is_pinned=value.get("pinned") is True,
        settings=_settings(chat),
    )


def _settings(chat: dict[str, Any]) -> dict[str, Any]:
    system = text_of(dict_of(chat.get("params")).get("system")) or text_of(chat.get("system"))
    return {"options": {"system": system[:100_000]}} if system else {}


def _nodes(tree: Any, listed: list[Any]) -> Iterator[Node]:
    if isinstance(tree, dict) and tree:
        for key, raw in tree.items():
            message = dict_of(raw)
            yield _node(key_of(key), key_of(message.get("parentId")) or None, message)
        return
    previous: str | None = None
    for index, raw in enumerate(listed):
        message = dict_of(raw)
        node = _node(key_of(message.get("id")) or f"message-{index}", previous, message)
        previous = node.key
        yield node


def _node(key: str, parent: str | None, message: dict[str, Any]) -> Node:
    role = text_of(message.get("role"))
    node = Node(key=key, parent=parent, role="user" if role == "user" else "assistant")
    node.text, node.thinking = _apart(_content(message.get("content")))
    node.created_at = when(message.get("timestamp"))
    if node.role == "assistant":
        node.model = (text_of(message.get("model")) or text_of(message.get("modelName")))[:200]
        node.provider = "Open WebUI"
        problem = message.get("error")
        if problem and not node.text:
            node.state, node.error_code = "error", "imported_error"
            node.error_message = (text_of(dict_of(problem).get("content")) or dumped(problem))[:1000]
    node.files = list(_files(message))
    is_empty = not (node.text or node.thinking or node.files or node.error_message)
    node.is_hidden = role not in {"user", "assistant"} or is_empty
    return node


def _content(content: Any) -> str:
    if isinstance(content, list):
        return "\n\n".join(filter(None, (text_of(dict_of(part).get("text")) for part in content)))
    return text_of(content)


def _apart(text: str) -> tuple[str, str]:
    """The answer and the thinking it carries in folded blocks."""
    thoughts: list[str] = []
    kept: list[str] = []
    at = 0
    while (start := text.find(_REASONING, at)) >= 0 and (end := text.find("</details>", start)) >= 0:
        kept.append(text[at:start])
        inner = text[text.find(">", start) + 1 : end]
        words = inner.partition("</summary>")[2] or inner
        thoughts.append("\n".join(line.removeprefix("> ").removeprefix(">") for line in words.strip().split("\n")))
        at = end + len("</details>")
    kept.append(text[at:])
    return ("".join(kept).strip("\n") if thoughts else text), "\n\n".join(thoughts)


def _files(message: dict[str, Any]) -> Iterator[SourceFile]:
    for index, raw in enumerate(list_of(message.get("files"))):
        file = dict_of(raw)
        inner = dict_of(file.get("file"))
        name = text_of(file.get("name")) or text_of(inner.get("filename")) or f"file-{index + 1}"
        words = text_of(dict_of(inner.get("data")).get("content"))
        yield SourceFile(name=name, data=_picture(text_of(file.get("url"))) or (words.encode() if words else None))


def _picture(url: str) -> bytes | None:
    if not url.startswith("data:") or len(url) > _MAX_DATA_CHARS:
        return None
    try:
        return base64.b64decode(url.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        return None
