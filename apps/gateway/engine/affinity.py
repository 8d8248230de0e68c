"""What a conversation begins with, by which its next turn finds the server that has read it before."""

import zlib
from collections.abc import Sequence

from apps.inference.contracts import ChatMessage

# The system prompt and the first question tell conversations apart; reading more costs more than it finds.
_MESSAGES = 2
_CHARS = 2048


def affinity_of(messages: Sequence[ChatMessage], name: str | None = None) -> str:
    """This will name what a prompt shares with the prompts that follow it; a program may have named it itself."""
    if name:
        return name
    start = "".join(message.text[:_CHARS] for message in messages[:_MESSAGES])
    return f"{zlib.crc32(start.encode()):x}"
