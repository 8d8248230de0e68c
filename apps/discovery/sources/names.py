"""Asking the machine's own resolver what a name stands for."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from apps.discovery.sources.context import Resolved

# Of their own: a name server that is silent holds a thread for half a minute, and nothing else may wait behind that,
# not even the end of the loop that asked.
_threads = ThreadPoolExecutor(16, thread_name_prefix="names")


async def resolve(name: str) -> Resolved | None:
    """This will look a host's name up as every program on this machine does; None when there is no such host."""
    ask = partial(socket.getaddrinfo, name, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
    try:
        answers = await asyncio.get_running_loop().run_in_executor(_threads, ask)
    except (OSError, UnicodeError):
        return None
    canonical = next((answer[3] for answer in answers if answer[3]), "")
    return Resolved(canonical=canonical, addresses=tuple(dict.fromkeys(str(answer[4][0]) for answer in answers)))
