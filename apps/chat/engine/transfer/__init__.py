"""Exports of other products and our own: recognized, read without trust, and written."""

from apps.chat.engine.transfer.markdown_text import write_markdown
from apps.chat.engine.transfer.own import encoded
from apps.chat.engine.transfer.recognize import Export
from apps.chat.engine.transfer.shapes import (
    Format,
    Item,
    Node,
    NotReadable,
    ReadConversation,
    Reason,
    SourceFile,
    Unread,
)
from apps.chat.engine.transfer.tree import UNANSWERED

__all__ = [
    "UNANSWERED",
    "Export",
    "Format",
    "Item",
    "Node",
    "NotReadable",
    "ReadConversation",
    "Reason",
    "SourceFile",
    "Unread",
    "encoded",
    "write_markdown",
]
