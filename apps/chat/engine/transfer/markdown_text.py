"""Conversations as Markdown: pleasant to read anywhere, and readable again by ourselves."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from apps.chat.engine.transfer.shapes import Format, Node, NotReadable, ReadConversation, Reason, SourceFile
from apps.chat.engine.transfer.tree import grown
from apps.chat.engine.transfer.values import dict_of, digest_key, key_of, list_of, text_of, when

MARK = "<!-- olympus:message "
_ESCAPED = "<!-- olympus\\:message "
_HEAD = "<!-- olympus:conversation "
_END = " -->"
_KEPT = ("id", "role", "model", "provider", "created_at", "state", "attachments")
# A text file is read whole; no branch a person reads is longer.
MAX_BYTES = 64_000_000


def write_markdown(conversation: Mapping[str, Any], messages: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """This will write a conversation's branch piece by piece; comments no reader shows keep what Markdown has no place for."""
    facts = {name: conversation[name] for name in ("id", "created_at", "updated_at")}
    yield f"{_HEAD}{_safe_json(facts)}{_END}\n\n# {_one_line(conversation['title'])}\n"
    for message in messages:
        is_own = message["role"] == "user"
        facts = {name: message[name] for name in _KEPT}
        speaker = "You" if is_own else " · ".join(filter(None, ("Olympus", _one_line(message["model"]))))
        yield f"\n{MARK}{_safe_json(facts)}{_END}\n## {speaker}\n\n{_links(message['attachments'])}"
        yield f"{message['text'].replace(MARK, _ESCAPED)}\n"


def is_markdown(head: str) -> bool:
    """This will tell whether a text begins as we write them."""
    return head.lstrip("\ufeff").startswith(_HEAD)


def read_markdown(text: str) -> ReadConversation:
    """This will read a conversation we wrote."""
    head, *parts = text.lstrip("\ufeff").split(MARK)
    facts = _facts(head.removeprefix(_HEAD).partition(_END)[0])
    title = next((line[2:].strip() for line in head.split("\n") if line.startswith("# ")), "").replace(_ESCAPED, MARK)
    nodes: list[Node] = []
    for part in parts:
        nodes.append(_node(part, nodes[-1].key if nodes else None))
    if not nodes:
        raise NotReadable(Reason.NO_MESSAGES)
    ordered, leaf = grown(nodes, nodes[-1].key)
    key = key_of(facts.get("id"))
    return ReadConversation(
        format=Format.MARKDOWN,
        key=key or digest_key(title, ordered[0].key),
        title=title,
        nodes=ordered,
        leaf=leaf,
        created_at=when(facts.get("created_at")),
        updated_at=when(facts.get("updated_at")),
    )


def _node(part: str, previous: str | None) -> Node:
    raw, _end, rest = part.partition(_END)
    facts = _facts(raw)
    _heading, _line, words = rest.removeprefix("\n").partition("\n")
    files = [dict_of(file) for file in list_of(facts.get("attachments"))]
    words = (
        words.removeprefix("\n")
        .removeprefix(_links(files))
        .removesuffix("\n")
        .removesuffix("\n")
        .replace(_ESCAPED, MARK)
    )
    role = "user" if facts.get("role") == "user" else "assistant"
    return Node(
        key=key_of(facts.get("id")) or digest_key(previous, role, words),
        parent=previous,
        role=role,
        text=text_of(words),
        files=[SourceFile(name=text_of(f.get("name")) or "file", path=text_of(f.get("path")) or None) for f in files],
        model=text_of(facts.get("model"))[:200],
        provider=text_of(facts.get("provider"))[:200],
        created_at=when(facts.get("created_at")),
    )


def _links(files: Iterable[Mapping[str, Any]]) -> str:
    return "".join(f"[{_one_line(text_of(f.get('name')))}](<{text_of(f.get('path'))}>)\n\n" for f in files)


def _facts(raw: str) -> dict[str, Any]:
    try:
        return dict_of(json.loads(raw[:100_000]))
    except (ValueError, RecursionError):
        return {}


def _safe_json(facts: Mapping[str, Any]) -> str:
    """JSON that cannot end the comment it stands in."""
    return json.dumps(facts, ensure_ascii=False, default=str).replace("--", "-\\u002d")


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace(MARK, _ESCAPED)
