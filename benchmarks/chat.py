"""The chat end to end: the stack of bin/up, a fast fake model server, real sockets; beside a direct call.

python -m benchmarks.chat [--streams 1,10,50,100,200] [--seconds 20] [--rate 50] [--no-flat]

Each level prints Olympus and the direct call of the same run, so that the machine's noise is
in both. All run on the same cores: load generator, model server, web, worker, stores.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import psutil
import uvloop

from benchmarks.load import Connect, Figures, burst, direct_askers, socket_askers, sustained
from tests.support.stack import Stack

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "a mountain of marble"
TOKENS = 500
# Few streams answer shortly, so that they begin often enough for a percentile to mean something.
SHORT_TOKENS = 50
FEW_STREAMS = 10
PEOPLE = 5


@contextmanager
def fake_ollama() -> Iterator[str]:
    """The fake Ollama in a process of its own; yields its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.doubles.fake_ollama", "--tokens", str(TOKENS)], cwd=ROOT, stdout=subprocess.PIPE
    )
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


def signed_in(stack: Stack, number: int) -> str:
    """Make a person, sign in through the log-in page as a browser would, and return the cookie."""
    email = f"person{number}@example.org"
    made = stack.manage("create_user", "--email", email, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"{stack.url}accounts/login/"
    page = browser.open(address).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None, "the log-in page has no form"
    form = urlencode({"login": email, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}).encode()
    browser.open(urllib.request.Request(address, form, {"Referer": address}))
    cookie = next((c for c in jar if c.name == "olympus_session"), None)
    assert cookie is not None, "log-in failed"
    return f"olympus_session={cookie.value}"


class Tree:
    """The stack's processes: CPU time and memory of all of them together."""

    def __init__(self, stack: Stack) -> None:
        root = psutil.Process(stack.process.pid)  # type: ignore[union-attr]
        self._processes = [root, *root.children(recursive=True)]

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds used so far, by program."""
        used: dict[str, float] = {}
        for process in self._processes:
            try:
                times = process.cpu_times()
                name = self._name(process)
            except psutil.NoSuchProcess:
                continue
            used[name] = used.get(name, 0.0) + times.user + times.system
        return used

    def pss_mb(self) -> float:
        """Proportional set size of the tree, in MB."""
        total = 0
        for process in self._processes:
            try:
                rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
            except OSError:
                continue
            total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)[1])  # type: ignore[index]
        return total / 1024

    @staticmethod
    def _name(process: psutil.Process) -> str:
        command = " ".join(process.cmdline())
        return next((n for n in ("runtime.web", "celery", "postgres", "valkey") if n in command), "supervisor")


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies, in ms; NaN of nothing."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


async def level(
    name: str, olympus: Connect, direct: Connect, tree: Tree, *, streams: int, seconds: float, answer_s: float
) -> None:
    """Measure one number of streams, direct first, and print a line."""
    plain = await sustained(direct, streams=streams, seconds=seconds, answer_s=answer_s)
    before = tree.cpu_s()
    ours = await sustained(olympus, streams=streams, seconds=seconds, answer_s=answer_s)
    after = tree.cpu_s()
    # CPU is counted over ramp and counting alike, tokens only while counting: scale by time.
    share = seconds / (seconds + answer_s * 1.5)
    used = {n: (after[n] - before.get(n, 0.0)) * share * 1000 / max(ours.token_count, 1) for n in after}
    print_line(name, ours, plain, used, tree.pss_mb())


def print_line(name: str, ours: Figures, plain: Figures, used: dict[str, float], pss_mb: float) -> None:
    """Print Olympus beside the direct call."""
    added = [percentile(ours.first_tokens_s, s) - percentile(plain.first_tokens_s, s) for s in (0.5, 0.95, 0.99)]
    print(
        f"{name:>14}  {ours.tokens_per_s:>9,.0f} / {plain.tokens_per_s:>9,.0f} tokens/s = {ours.tokens_per_s / plain.tokens_per_s:.3f}"
        f"  added first token p50 {added[0]:>6.1f} p95 {added[1]:>6.1f} p99 {added[2]:>6.1f} ms"
        f"  frame gap p50 {percentile(ours.gaps_s, 0.5):.0f} p99 {percentile(ours.gaps_s, 0.99):.0f} ms"
        f"  CPU s/1,000 tokens {sum(used.values()):.3f} ("
        + ", ".join(f"{n} {v:.3f}" for n, v in sorted(used.items()) if v >= 0.0005)
        + f")  {pss_mb:,.0f} MB PSS  {ours.turn_count} turns  {ours.error_count} errors",
        flush=True,
    )


async def measure(stack: Stack, fake: str, arguments: argparse.Namespace) -> None:
    """Run every level."""
    tree = Tree(stack)
    idle = [tree.pss_mb() for _ in range(3)]
    print(f"idle: {statistics.median(idle):,.0f} MB PSS, whole tree", flush=True)
    cookies = [signed_in(stack, number) for number in range(PEOPLE)]
    async with direct_askers(fake) as direct, socket_askers(stack.url, cookies) as olympus:
        set_pace(fake, rate=arguments.rate, tokens=TOKENS)
        await burst(olympus, streams=2)  # imports and connections of the first turn are not the subject
        for streams in arguments.streams:
            tokens = SHORT_TOKENS if streams <= FEW_STREAMS else TOKENS
            set_pace(fake, rate=arguments.rate, tokens=tokens)
            await level(
                f"{streams} streams", olympus, direct, tree,
                streams=streams, seconds=arguments.seconds, answer_s=tokens / arguments.rate,
            )  # fmt: skip
        if arguments.burst:
            set_pace(fake, rate=arguments.rate, tokens=SHORT_TOKENS)
            for streams in (10, 50, 200):
                plain, ours = await burst(direct, streams=streams), await burst(olympus, streams=streams)
                print_line(f"burst of {streams}", ours, plain, {}, tree.pss_mb())
        if arguments.flat:
            set_pace(fake, rate=0, tokens=20_000)
            for streams in (1, 10, 50):
                plain, ours = await burst(direct, streams=streams), await burst(olympus, streams=streams)
                print_line(f"flat out, {streams}", ours, plain, {}, tree.pss_mb())


def main() -> None:
    """Start everything, measure, stop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=lambda text: [int(n) for n in text.split(",")], default=[1, 10, 50, 100, 200])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=50.0, help="tokens a second and stream")
    parser.add_argument("--flat", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--burst", action=argparse.BooleanOptionalAction, default=True)
    arguments = parser.parse_args()
    with fake_ollama() as fake, Stack() as stack:
        stack.manage(
            "create_user", "--email", "owner@example.org", "--password-stdin", "--owner", stdin=f"{PASSWORD}\n"
        )
        added = stack.manage("add_provider", "--kind", "ollama", "--name", "Fake", "--url", fake)
        assert added.returncode == 0, added.stderr
        uvloop.run(measure(stack, fake, arguments))


if __name__ == "__main__":
    main()
