"""The exact store: answers by the digest of their request, in Valkey and for seconds in the process."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from apps.inference.caching.answers import Answer, packed, unpacked
from apps.inference.caching.bounded import AWAY, BoundedStore, availability
from apps.inference.caching.near import NearAnswers
from olympus.kernel.pipelining import Script, valkey_pipe

_NAME = "cache:answers"
# The Valkey that comes with Olympus has 256 MB for everything; answers of 2 KB make this some 15,000.
_MOST_BYTES = 48 * 1024 * 1024
# Who asks a model keeps other processes from asking it the same for this long at most; each waits less than that.
_LEAD_MS = 10_000

# KEYS: the answer, the lead; ARGV: a token, milliseconds. One trip: the answer, else whether to ask a model.
_LOOK = Script("""
local found = redis.call('GET', KEYS[1])
if found then return found end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0
""")
_RELEASE = Script("if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end")


@dataclass(frozen=True, slots=True)
class Look:
    """What a look-up found: an answer; or `lead`, the token of who is to ask a model; or `is_led` by another process."""

    answer: Answer | None = None
    lead: str | None = None
    is_led: bool = False


_near = NearAnswers()


@cache
def answer_store() -> BoundedStore:
    """This will give the process's door to the answers in Valkey."""
    return BoundedStore(_NAME, most_bytes=_MOST_BYTES)


def member_of(organization_id: UUID, generation: str, digest: str) -> str:
    """This will name where an answer is kept; another generation's is never found."""
    return f"{organization_id.hex}:{generation}.{digest}"


def near_answer(member: str) -> Answer | None:
    """This will find an answer in this process, at once."""
    return _near.get(member)


class FarLook:
    """A look for an answer in Valkey, on its way from the moment it is made: there is something to do meanwhile."""

    __slots__ = ("_begun", "_member", "token")

    def __init__(self, member: str, token: str | None = None) -> None:
        self._member, self.token = member, token or uuid4().hex
        keys = [answer_store().key_of(member), _lead_key(member)]
        self._begun = valkey_pipe().begin(_LOOK, keys, [self.token, _LEAD_MS]) if availability.is_up else None

    async def found(self, *, ttl_s: int) -> Look:
        """This will give the answer, or the lead in asking for it, or tell who waits that another has it."""
        if self._begun is None:
            return Look()
        try:
            content = await self._begun.result()
        except AWAY:
            availability.failed("answers are not found in the cache")
            return Look()
        if isinstance(content, bytes):
            answer = unpacked(content)
            if answer is not None:
                _near.put(self._member, answer, len(content), ttl_s)
            return Look(answer=answer)
        return Look(lead=self.token) if content else Look(is_led=True)


async def kept_answer(member: str) -> Answer | None:
    """This will find an answer in Valkey without taking the lead."""
    if not availability.is_up:
        return None
    try:
        content = await valkey_pipe().ask("GET", answer_store().key_of(member))
    except AWAY:
        availability.failed("answers are not found in the cache")
        return None
    return unpacked(content) if content else None


def keep_answer(member: str, answer: Answer, *, ttl_s: int) -> None:
    """This will keep an answer here at once, and in Valkey soon."""
    content = packed(answer)
    _near.put(member, answer, len(content), ttl_s)
    if availability.is_up:
        _soon(answer_store().keep(member, content, keep_s=ttl_s))


def let_others_lead(member: str, token: str) -> None:
    """This will end the lead, after what was kept; the next who looks takes it if there is no answer."""
    if availability.is_up:
        _soon(valkey_pipe().run(_RELEASE, [_lead_key(member)], [token]))


def forget_near_answers() -> None:
    """This will let go of what this process holds; from any thread."""
    global _near
    _near = NearAnswers()


def _soon(work: Coroutine[Any, Any, object]) -> None:
    """Nobody waits for it."""
    task = asyncio.create_task(_without_fail(work))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


async def _without_fail(work: Coroutine[Any, Any, object]) -> None:
    try:
        await work
    except AWAY:
        availability.failed("answers are not kept in the cache")


_under_way: set[asyncio.Task[None]] = set()


def _lead_key(member: str) -> str:
    return f"cache:lead:{member}"
