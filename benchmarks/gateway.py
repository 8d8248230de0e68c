"""The gateway between programs and a fast fake model server, beside a direct call and beside the LiteLLM proxy.

python -m benchmarks.gateway [--seconds 8] [--only first,paced,flat,whole,memory] [--without-litellm]

One web process of bin/up, one worker of LiteLLM, one fake model server and the programs share this machine's cores,
one door at work at a time: only ratios and figures of the same run compare.
"""

import argparse
import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import aiohttp
import psutil
import uvloop

from benchmarks import litellm
from benchmarks.programs import Door, Seen, asking, stream_one, streaming
from tests.support.stack import Stack

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "a mountain of marble"
RATE = 50.0
# The first start builds the browser code and makes a database.
_START_S = 300.0
PHASES = ("first", "paced", "flat", "whole", "memory")


@contextmanager
def fake_openai() -> Iterator[str]:
    """The fake model server in a process of its own; yields its address."""
    process = subprocess.Popen([sys.executable, "-m", "tests.doubles.fake_openai"], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


def set_pace(url: str, *, rate: float, tokens: int) -> None:
    """Tell the fake how fast and how long to answer; rate 0 is flat out."""
    body = json.dumps({"rate": rate, "tokens": tokens}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{url}/_script", body, {"Content-Type": "application/json"})).close()


def connect(stack: Stack, fake: str) -> Door:
    """Make the owner, the provider and a key that no rate limit holds up."""
    email = "owner@example.org"
    for command in (
        ["create_user", "--email", email, "--password-stdin", "--owner"],
        ["set_rate_limit", "member", "none"],
        ["add_provider", "--kind", "openai", "--name", "Fake", "--url", f"{fake}/v1"],
    ):
        done = stack.manage(*command, stdin=f"{PASSWORD}\n", timeout_s=_START_S)
        assert done.returncode == 0, done.stderr
    key = stack.manage("create_api_key", "--user", email, "--name", "benchmark", timeout_s=_START_S).stdout.strip()
    return Door("Olympus", stack.url.rstrip("/"), key, stack.pids()["web"])


async def first_token(session: aiohttp.ClientSession, doors: Sequence[Door], rounds: int) -> None:
    """One stream at a time, the doors in turn, so that the machine's noise is in all alike."""
    seen = {door.name: Seen() for door in doors}
    for number in range(rounds + 10):
        for door in doors:
            await stream_one(session, door, seen[door.name] if number >= 10 else Seen(), tokens=2)
    print_added("1 stream", seen)


async def paced(session: aiohttp.ClientSession, doors: Sequence[Door], seconds: float, tokens: int) -> None:
    """A hundred streams of 50 tokens a second."""
    seen = {}
    for door in doors:
        spread_s = tokens / RATE
        seen[door.name] = await streaming(session, door, streams=100, seconds=seconds, tokens=tokens, spread_s=spread_s)
    print_added("100 streams", seen)


def print_added(name: str, seen: dict[str, Seen]) -> None:
    """Print what each door adds to the direct call's first token."""
    direct = seen["direct"]
    print(f"{name}: direct first token p50 {direct.p(0.5):.1f} p95 {direct.p(0.95):.1f} ms")
    for door, each in seen.items():
        if each is not direct:
            print(
                f"  {door:<8} added first token p50 {each.p(0.5) - direct.p(0.5):>7.2f} ms"
                f"  p95 {each.p(0.95) - direct.p(0.95):>7.2f} ms"
                f"  ({each.answer_count} answers, {each.error_count} errors)",
                flush=True,
            )


async def flat_out(session: aiohttp.ClientSession, doors: Sequence[Door], fake: str, seconds: float) -> None:
    """As many tokens a second as go through."""
    found = {}
    for door in doors:
        # The same number of streams; a slower door gets shorter answers, so that some end in time.
        tokens = 500 if door.name == "LiteLLM" else 5_000
        set_pace(fake, rate=0, tokens=tokens)
        found[door.name] = await streaming(session, door, streams=20, seconds=seconds, tokens=tokens)
    print_ratios("flat out, 20 streams", "tokens", found, {name: seen.token_count for name, seen in found.items()})


async def whole(session: aiohttp.ClientSession, doors: Sequence[Door], seconds: float) -> None:
    """Answers that are not streamed, 20 programs at once."""
    found = {door.name: await asking(session, door, programs=20, seconds=seconds) for door in doors}
    counts = {name: seen.answer_count for name, seen in found.items()}
    print_ratios("whole answers, 20 programs", "requests", found, counts)


def print_ratios(name: str, unit: str, found: dict[str, Seen], counts: dict[str, int]) -> None:
    """Print each door's rate and CPU, and Olympus as a multiple of the others."""
    rates = {door: counts[door] / seen.seconds for door, seen in found.items()}
    costs = {door: seen.cpu_s / max(counts[door], 1) * 1e6 for door, seen in found.items()}
    print(f"{name}:")
    for door, seen in found.items():
        cpu = f"  {costs[door]:>9,.1f} us CPU each" if costs[door] else ""
        print(f"  {door:<8} {rates[door]:>11,.0f} {unit}/s{cpu}  {seen.error_count} errors")
    for other in found.keys() - {"Olympus"}:
        cheaper = f", {costs[other] / costs['Olympus']:.1f} times less CPU" if costs[other] else ""
        print(f"  Olympus / {other} = {rates['Olympus'] / rates[other]:.2f}{cheaper}", flush=True)


async def memory(session: aiohttp.ClientSession, olympus: Door, web: psutil.Process) -> None:
    """The web process after each thousand of ten thousand requests."""
    sizes = []
    for _ in range(11):
        await asking(session, olympus, programs=20, seconds=600, count=1000)
        sizes.append(web.memory_info().rss / 2**20)
    print("memory of the web process, MB after each 1,000 requests: " + " ".join(f"{size:.1f}" for size in sizes))
    print(f"  from the first thousand to the last: {sizes[-1] - sizes[0]:+.1f} MB", flush=True)


async def measure(stack: Stack, fake: str, doors: list[Door], arguments: argparse.Namespace) -> None:
    """Run the phases asked for."""
    olympus = doors[1]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), read_bufsize=2**18) as session:
        set_pace(fake, rate=0, tokens=10)
        for door in doors:
            await asking(session, door, programs=4, seconds=60, count=40)
        if "first" in arguments.only:
            set_pace(fake, rate=RATE, tokens=2)
            await first_token(session, doors, rounds=int(arguments.seconds * 10))
        if "paced" in arguments.only:
            set_pace(fake, rate=RATE, tokens=100)
            await paced(session, doors, arguments.seconds, tokens=100)
        if "flat" in arguments.only:
            await flat_out(session, doors, fake, arguments.seconds)
        set_pace(fake, rate=0, tokens=10)
        if "whole" in arguments.only:
            await whole(session, doors, arguments.seconds)
        if "memory" in arguments.only:
            await memory(session, olympus, psutil.Process(stack.pids()["web"]))


def main() -> None:
    """Start everything, measure, stop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--only", type=lambda text: text.split(","), default=PHASES)
    parser.add_argument("--without-litellm", action="store_true")
    arguments = parser.parse_args()
    with fake_openai() as fake, closing(Stack()) as stack:
        stack.start(timeout_s=_START_S)
        doors = [Door("direct", fake), connect(stack, fake)]
        with nullcontext() if arguments.without_litellm else litellm.proxy(fake, _free_port()) as other:
            if other:
                doors.append(other)
            uvloop.run(measure(stack, fake, doors, arguments))


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    main()
