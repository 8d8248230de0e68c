"""The API keys this process has just seen, so that a busy program costs one look-up a second."""

import asyncio
from collections import OrderedDict
from time import monotonic
from weakref import WeakKeyDictionary

from django.utils import timezone

from apps.accounts import selectors
from apps.accounts.contracts import KeyHolder
from apps.accounts.tokens import digest, prefix_of
from olympus.kernel.db import in_thread

# A key that was revoked elsewhere opens nothing after this.
_BELIEVED_S = 1.0
# More keys than are busy in any one second; whoever tries others pushes out only what is looked up again.
_MOST_KEPT = 4096

# By what is stored of a key: the secrets themselves stay out of this memory.
_seen: "OrderedDict[str, tuple[float, KeyHolder | None]]" = OrderedDict()
_looking: "WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Task[KeyHolder | None]]]"
_looking = WeakKeyDictionary()


async def key_holder(secret: str) -> KeyHolder | None:
    """This will tell whom a key acts for; None when it is wrong, revoked or over, at the latest a second later."""
    if prefix_of(secret) is None:
        return None
    stored = digest(secret)
    known = _seen.get(stored)
    if known is not None and known[0] > monotonic():
        return known[1]
    looking = _looking.setdefault(asyncio.get_running_loop(), {})
    task = looking.get(stored)
    if task is None:
        task = looking[stored] = asyncio.create_task(_look_up(secret, stored))
        task.add_done_callback(lambda _: looking.pop(stored, None))
    # One that gives up must not end the look-up for those who asked at the same moment.
    return await asyncio.shield(task)


def forget_keys() -> None:
    """This will look every key up again, for a process that has just changed one."""
    _seen.clear()


async def _look_up(secret: str, stored: str) -> KeyHolder | None:
    holder = await in_thread(selectors.holder_of_key, secret, now=timezone.now())
    _seen[stored] = (monotonic() + _BELIEVED_S, holder)
    _seen.move_to_end(stored)
    while len(_seen) > _MOST_KEPT:
        _seen.popitem(last=False)
    return holder
