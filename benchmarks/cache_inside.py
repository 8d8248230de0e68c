"""What a cached answer costs inside one process, without a network; `benchmarks.cache` starts it."""

import argparse
import asyncio
import cProfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import olympus.runtime.testing  # noqa: F401 - stores of its own, gone at the end

# isort: split
import django

django.setup()

import uvloop  # noqa: E402 - after the settings are there
from django.core.management import call_command  # noqa: E402

from apps.accounts.facade import actor_for_user  # noqa: E402
from apps.accounts.services.keys import create_api_key  # noqa: E402
from apps.accounts.services.people import create_user  # noqa: E402
from apps.gateway.asgi import gateway  # noqa: E402
from apps.inference.calling.caching import cached  # noqa: E402
from apps.inference.calling.call import Call, Plan  # noqa: E402
from apps.inference.contracts import (  # noqa: E402
    Caller,
    CallEvent,
    CallOptions,
    ChatMessage,
    ChatRequest,
    ChatRole,
    Finished,
    FinishReason,
    ModelChoice,
    ModelInfo,
    ProviderKind,
    Routed,
    TextDelta,
    Usage,
)
from apps.inference.models import Provider, catalog_of  # noqa: E402
from benchmarks.cache import Seen, body_of, print_parts  # noqa: E402
from olympus.kernel.actor import Actor, Role, Scope  # noqa: E402
from olympus.kernel.http import close_sessions  # noqa: E402
from tests.doubles.fake_openai import FakeOpenAI  # noqa: E402

_AT_ONCE = 16
_PROFILED = 4000


def prepare() -> tuple[Actor, str]:
    """An owner and a key that no rate limit holds up."""
    call_command("migrate", verbosity=0)
    user = create_user(email="owner@example.org", password="a mountain of marble", name="Owner", role=Role.OWNER)
    actor = actor_for_user(user)
    assert actor is not None
    call_command("set_rate_limit", "member", "none", verbosity=0)
    return actor, create_api_key(actor=actor, name="benchmark", scopes=[Scope.READ, Scope.WRITE])[1]


def connect(actor: Actor, url: str) -> Provider:
    """The fake as the organization's model server."""
    row = {"name": "Fake", "kind": "openai", "base_url": url, "catalog": catalog_of([ModelInfo("fake")])}
    return Provider.objects.create(organization_id=actor.organization_id, **row)


def through_the_cache(actor: Actor, provider: Provider) -> Callable[[int], Awaitable[str]]:
    """One call to the cache alone."""
    caller = Caller(organization_id=actor.organization_id, user_id=actor.user_id, door="gateway")
    choice = ModelChoice("fake", "fake", provider.pk, "Fake", ProviderKind.OPENAI, frozenset(), 8192)

    async def answer() -> AsyncGenerator[CallEvent, None]:
        yield Routed(model="fake", provider_id=provider.pk, provider_name="Fake")
        yield TextDelta("word " * 50, 50)
        yield Finished(FinishReason.STOP, Usage(10, 50))

    async def produce(_call: Call) -> AsyncGenerator[CallEvent, None]:
        return answer()

    async def ask(number: int) -> str:
        request = ChatRequest("fake", (ChatMessage(ChatRole.USER, f"Question {number % 50}"),))
        call = Call(caller, choice, request, CallOptions(), Plan(("fake",)))
        found = ""
        async for event in cached(call, produce=produce):
            if isinstance(event, Routed):
                found = event.cache or "miss"
        return found

    return ask


def through_the_gateway(key: str) -> Callable[[int], Awaitable[str]]:
    """One request to the gateway's application."""
    bodies = [body_of(f"Question {number}") for number in range(50)]

    async def ask(number: int) -> str:
        body, found = bodies[number % 50], ["", ""]
        read = False

        async def receive() -> dict[str, Any]:
            nonlocal read
            if read:
                return await asyncio.get_running_loop().create_future()
            read = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                found[1] = str(message["status"])
                found[0] = dict(message["headers"]).get(b"x-olympus-cache", b"").decode()

        await gateway(
            {
                "type": "http",
                "method": "POST",
                "path": "/v1/chat/completions",
                "headers": [
                    (b"authorization", b"Bearer " + key.encode()),
                    (b"content-type", b"application/json"),
                    (b"content-length", str(len(body)).encode()),
                ],
                "client": ("127.0.0.1", 1),
                "query_string": b"",
            },
            receive,
            send,
        )
        return found[0] if found[1] == "200" else "error"

    return ask


async def ask_for(ask: Callable[[int], Awaitable[str]], seconds: float, at_once: int, most: int = 10**9) -> Seen:
    """Ask from so many tasks for that long."""
    seen, end, started = Seen(), time.perf_counter() + seconds, time.perf_counter()
    loop_s, all_s = time.thread_time(), time.process_time()

    async def one() -> None:
        while (now := time.perf_counter()) < end and seen.found.total() < most:
            found = await ask(seen.found.total())
            seen.found[found] += 1
            seen.errors += found == "error"
            seen.latencies_s.append(time.perf_counter() - now)

    await asyncio.gather(*(one() for _ in range(at_once)))
    seen.seconds = time.perf_counter() - started
    seen.loop_s, seen.all_s = time.thread_time() - loop_s, time.process_time() - all_s
    return seen


async def measure(actor: Actor, key: str, seconds: float, only: set[str]) -> None:
    """The cache alone, then the gateway; then the gateway under the profiler."""
    async with FakeOpenAI() as fake:
        provider = await asyncio.to_thread(connect, actor, fake.base_url)
        ways = {"the cache alone": through_the_cache(actor, provider), "the whole gateway": through_the_gateway(key)}
        for name, ask in ways.items():
            await ask_for(ask, 10, 4, most=200)
            if "path" in only:
                seen = await ask_for(ask, seconds, _AT_ONCE)
                found = seen.found["exact"] / seen.found.total()
                print(f"path, {name}: {seen.line()}  {found:.1%} cached{_cpu(seen)}", flush=True)
        if "profile" in only:
            profile = cProfile.Profile()
            profile.enable()
            seen = await ask_for(ways["the whole gateway"], 30, _AT_ONCE, most=_PROFILED)
            profile.disable()
            print("profile of the gateway's path, this thread's own time:", flush=True)
            print_parts(profile, len(seen.latencies_s))
        await close_sessions()


def _cpu(seen: Seen) -> str:
    """Processor time, which a busy machine does not change."""
    count = len(seen.latencies_s) / 1e6
    return f"  CPU an answer: {seen.loop_s / count:.0f} us on the loop, {seen.all_s / count:.0f} us in all threads"


def main() -> None:
    """Prepare, measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--only", type=lambda text: set(text.split(",")), default={"path", "profile"})
    arguments = parser.parse_args()
    actor, key = prepare()
    uvloop.run(measure(actor, key, arguments.seconds, arguments.only))


if __name__ == "__main__":
    main()
