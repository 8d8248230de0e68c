"""ChatGPT's data export: `mapping` is the tree, `current_node` the end of the branch being read.

Source: what several open readers of these files agree on (mohamed-chs/convoviz 2026-02, pionxzh/chatgpt-exporter); the
vendor publishes no format. Since 2026 the list is spread over conversations-000.json and so on.
"""

import re
from collections.abc import Iterator
from typing import Any

from apps.chat.engine.transfer.shapes import Format, Node, ReadConversation, SourceFile
from apps.chat.engine.transfer.tree import grown
from apps.chat.engine.transfer.values import dict_of, digest_key, dumped, key_of, list_of, text_of, when

# Marks of citations and widgets that only ChatGPT's own page can draw, between private-use characters.
_MARKS = re.compile("\ue200[^\ue200\ue201]{0,2000}\ue201")
_POINTERS = ("file-service://", "sediment://")
_NEVER_SHOWN = frozenset({"user_editable_context", "model_editable_context", "reasoning_recap"})


def is_chatgpt(value: dict[str, Any]) -> bool:
    """This will tell whether this is a conversation of ChatGPT."""
    return isinstance(value.get("mapping"), dict)


def read_chatgpt(value: dict[str, Any], names: "FileNames") -> ReadConversation:
    """This will read one conversation."""
    nodes = [_node(str(key), dict_of(raw), names) for key, raw in value["mapping"].items()]
    ordered, leaf = grown(nodes, key_of(value.get("current_node")) or None)
    created_at = when(value.get("create_time"))
    key = key_of(value.get("conversation_id"), value.get("id"))
    return ReadConversation(
        format=Format.CHATGPT,
        key=key or digest_key(value.get("title"), value.get("create_time"), ordered[0].key),
        title=text_of(value.get("title")),
        nodes=ordered,
        leaf=leaf,
        created_at=created_at,
        updated_at=when(value.get("update_time")) or created_at,
        is_archived=value.get("is_archived") is True,
        is_pinned=bool(value.get("pinned_time")) or value.get("is_starred") is True,
    )


class FileNames:
    """The files of an archive by the id their name begins with."""

    def __init__(self, names: list[str]) -> None:
        self._by_id: dict[str, str] = {}
        for name in names:
            base = name.rpartition("/")[2]
            for found in re.finditer(r"file[-_][A-Za-z0-9]+", base[:200]):
                self._by_id.setdefault(found[0], name)

    def path(self, file_id: str) -> str | None:
        """This will find the file with an id."""
        match = re.match(r"file[-_][A-Za-z0-9]+", file_id[:200])
        return self._by_id.get(match[0]) if match else None


def _node(key: str, raw: dict[str, Any], names: FileNames) -> Node:
    message = dict_of(raw.get("message"))
    metadata = dict_of(message.get("metadata"))
    node = Node(
        key=key_of(key),
        parent=key_of(raw.get("parent")) or None,
        role="user" if _role(message) == "user" else "assistant",
        model=text_of(metadata.get("model_slug"))[:200],
        provider="ChatGPT",
        created_at=when(message.get("create_time")),
    )
    if _is_shown(message, metadata):
        _fill(node, message, dict_of(message.get("content")))
        node.files = list(_files(message, metadata, names))
    node.is_hidden = not (node.text or node.thinking or node.tool_calls or node.files)
    if node.role == "user":
        node.model = node.provider = ""
    return node


def _role(message: dict[str, Any]) -> str:
    return text_of(dict_of(message.get("author")).get("role"))


def _is_shown(message: dict[str, Any], metadata: dict[str, Any]) -> bool:
    kind = text_of(dict_of(message.get("content")).get("content_type"))
    return (
        _role(message) in {"user", "assistant", "tool"}
        and metadata.get("is_visually_hidden_from_conversation") is not True
        and metadata.get("is_user_system_message") is not True
        and kind not in _NEVER_SHOWN
    )


def _fill(node: Node, message: dict[str, Any], content: dict[str, Any]) -> None:
    kind = content.get("content_type")
    if kind == "thoughts":
        node.thinking = "\n\n".join(filter(None, map(_thought, list_of(content.get("thoughts")))))
    elif _role(message) == "tool":
        output = text_of(content.get("text")) or _parts(content) or text_of(content.get("result"))
        name = text_of(dict_of(message.get("author")).get("name")) or "tool"
        if output:
            node.tool_calls = [{"id": node.key, "name": name, "arguments": "", "result": output}]
    elif node.role == "assistant" and message.get("recipient") not in (None, "", "all"):
        arguments = text_of(content.get("text")) or _parts(content)
        node.tool_calls = [{"id": node.key, "name": text_of(message["recipient"])[:100], "arguments": arguments}]
    elif kind == "code":
        node.text = f"```{text_of(content.get('language')).replace('unknown', '')}\n{text_of(content.get('text'))}\n```"
    else:
        node.text = _MARKS.sub("", _parts(content) or text_of(content.get("text"))).strip("\n")


def _thought(raw: Any) -> str:
    thought = dict_of(raw)
    summary, words = text_of(thought.get("summary")), text_of(thought.get("content"))
    return f"**{summary}**\n\n{words}" if summary and words else summary or words


def _parts(content: dict[str, Any]) -> str:
    return "\n\n".join(filter(None, map(_part, list_of(content.get("parts")))))


def _part(part: Any) -> str:
    if isinstance(part, str):
        return text_of(part)
    inner = dict_of(part)
    known = text_of(inner.get("text"))
    is_media = "asset_pointer" in dumped(inner.get("content_type"))
    return known or ("" if is_media or not inner else dumped(inner))


def _files(message: dict[str, Any], metadata: dict[str, Any], names: FileNames) -> Iterator[SourceFile]:
    seen: set[str] = set()
    for raw in list_of(metadata.get("attachments")):
        attachment = dict_of(raw)
        file_id = key_of(attachment.get("id"))
        if file_id and file_id not in seen:
            seen.add(file_id)
            yield SourceFile(name=text_of(attachment.get("name")) or file_id, path=names.path(file_id))
    for raw in list_of(dict_of(message.get("content")).get("parts")):
        pointer = text_of(dict_of(raw).get("asset_pointer"))
        file_id = next((pointer.removeprefix(p) for p in _POINTERS if pointer.startswith(p)), "")
        if file_id and file_id not in seen:
            seen.add(file_id)
            yield SourceFile(name=file_id[:100], path=names.path(file_id))
