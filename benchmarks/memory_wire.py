"""The same over HTTP: real requests to a fake Ollama whose clock runs faster, decided by what its /api/ps tells."""

import asyncio
from collections.abc import Callable

from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole
from apps.inference.engine.managing.servers import held_models, load, unload
from apps.inference.engine.memory.deciding import Action, Loaded, decide, done, keep_alive_of
from apps.inference.engine.memory.history import Uses
from apps.inference.engine.ollama import OllamaClient
from apps.inference.engine.wire import Server
from benchmarks.memory_replay import TICK_S, Cost
from benchmarks.memory_traces import DAY_S, GB, HOUR_S, Call, Trace, trace
from olympus.kernel.http import close_sessions
from tests.doubles.ollama_memory import OllamaMemory
from tests.doubles.remembering_ollama import RememberingOllama

_SPEED = 600.0
_SEED = 100


async def over_the_wire(seconds: float) -> tuple[Cost, Cost]:
    """This will send a trace of `seconds` real seconds twice: with five minutes, and with the manager."""
    played = trace("periodic", _SEED, days=seconds * _SPEED / DAY_S)
    costs = [await _Run(played, uses).run() for uses in (None, Uses())]
    await close_sessions()
    return costs[0], costs[1]


class _Run:
    """One server, one trace; times are the server's."""

    def __init__(self, played: Trace, uses: Uses | None) -> None:
        self._trace, self._uses = played, uses
        time, begun = asyncio.get_running_loop().time, asyncio.get_running_loop().time()
        self._now: Callable[[], float] = lambda: (time() - begun) * _SPEED
        self._memory = OllamaMemory(self._now, played.sizes, played.load_s, played.capacity)
        self._fake = RememberingOllama(self._memory, speed=_SPEED)

    async def run(self) -> Cost:
        async with self._fake:
            decider = asyncio.create_task(self._decide_for_ever())
            async with asyncio.TaskGroup() as calls:
                for call in self._trace.calls:
                    await asyncio.sleep(max(call.at - self._now(), 0.0) / _SPEED)
                    calls.create_task(self._call(call))
            decider.cancel()
            await asyncio.gather(decider, return_exceptions=True)
            return Cost(self._memory.byte_s / GB / HOUR_S, self._memory.cold_starts, self._memory.waited_s)

    async def _call(self, call: Call) -> None:
        use = self._uses.models.get(call.model) if self._uses else None
        client = OllamaClient(Server(self._fake.url), keep_alive_s=keep_alive_of(use, is_pinned=False) if use else None)
        if self._uses:
            self._uses.begin(call.model, self._now())
        request = ChatRequest(call.model, (ChatMessage(ChatRole.USER, "Hello"),))
        async for _ in client.stream(request):
            pass
        if self._uses:
            self._uses.end(call.model, self._now())

    async def _decide_for_ever(self) -> None:
        while self._uses is not None:
            await asyncio.sleep(TICK_S / _SPEED)
            held = await held_models(Server(self._fake.url))
            # What /api/ps says of its end is on the fast clock, told as if it were the real one.
            loaded = {each.name: Loaded(each.size_bytes, self._left_s(each.name)) for each in held}
            for action in decide(self._uses, loaded, self._now()):
                await self._carry_out(self._uses, action)

    async def _carry_out(self, uses: Uses, action: Action) -> None:
        server = Server(self._fake.url)
        if action.keep_s == 0:
            await unload(server, action.model)
        else:
            await load(server, action.model, embeds=False, keep_alive=round(action.keep_s))
        done(uses, action, self._now())

    def _left_s(self, model: str) -> float:
        held = self._memory.held.get(model)
        return held.expires_at - self._now() if held else 0.0
