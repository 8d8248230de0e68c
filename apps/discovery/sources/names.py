"""Asking the machine's own resolver what a name stands for."""

import asyncio
import socket

from apps.discovery.sources.context import Resolved


async def resolve(name: str) -> Resolved | None:
    """This will look a host's name up as every program on this machine does; None when there is no such host."""
    loop = asyncio.get_running_loop()
    try:
        answers = await loop.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
    except (OSError, UnicodeError):
        return None
    canonical = next((answer[3] for answer in answers if answer[3]), "")
    return Resolved(canonical=canonical, addresses=tuple(dict.fromkeys(str(answer[4][0]) for answer in answers)))
