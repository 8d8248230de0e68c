"""Identifiers: time-ordered UUIDs, so that primary keys insert at the end of their index."""

import os
import time
from uuid import UUID

_RANDOM_BITS = 74


def uuid7() -> UUID:
    """This will make a UUID version 7: 48 bits of Unix milliseconds, then random bits.

    Source: RFC 9562, section 5.7.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10)) & ((1 << _RANDOM_BITS) - 1)
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def parse_uuid(text: str) -> UUID | None:
    """This will read a UUID, or answer None for anything else."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None
