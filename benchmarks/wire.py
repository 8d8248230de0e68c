"""How many tokens a second the wire clients read in one process: parsing alone, and from a fake server.

Run: python -m benchmarks.wire [streams]
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable

import uvloop

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "olympus.settings")

from apps.inference.contracts import ChatMessage, ChatRequest, ChatRole, ModelClient, TextDelta
from apps.inference.engine.ollama import ChatParser, OllamaClient
from apps.inference.engine.openai_chunks import ChunkParser
from apps.inference.engine.openai_compatible import OpenAICompatibleClient
from apps.inference.engine.wire import Server, StreamParser
from olympus.kernel.http import close_sessions
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.texts import VOCABULARY

_TOKENS = 200_000
_READ_BYTES = 64 * 1024
_A_STREAM = 5_000


def parse_alone(
    name: str, make_parser: Callable[[], StreamParser], frame: Callable[[str, str], bytes], tokens_a_read: int
) -> None:
    """This will print the rate of a parser fed from memory, with that many tokens a read."""
    lines = [frame("llama3.2:latest", VOCABULARY[n % len(VOCABULARY)]) for n in range(_TOKENS)]
    reads = [b"".join(lines[at : at + tokens_a_read]) for at in range(0, _TOKENS, tokens_a_read)]
    parser = make_parser()
    started = time.perf_counter()
    for read in reads:
        parser.feed(read)
    seconds = time.perf_counter() - started
    print(f"{name:<8} parse alone, {tokens_a_read:>4} tokens a read: {_TOKENS / seconds:>11,.0f} tokens/s")


async def read_from(name: str, client: ModelClient, streams: int) -> None:
    """This will print the rate of that many streams at once from a server in another process, flat out."""
    request = ChatRequest(f"fake?tokens={_A_STREAM}", (ChatMessage(ChatRole.USER, "hello"),))

    async def one() -> int:
        return sum([event.token_count async for event in client.stream(request) if isinstance(event, TextDelta)])

    await one()
    started, cpu = time.perf_counter(), time.process_time()
    counts = await asyncio.gather(*(one() for _ in range(streams)))
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    total = sum(counts)
    print(
        f"{name:<8} from a server, {streams:>3} streams: {total / seconds:>11,.0f} tokens/s, {1000 * cpu / total:.4f} CPU s per 1,000 tokens"
    )


async def _over_the_wire(streams: int) -> None:
    for name, module, make in (
        ("Ollama", "tests.doubles.fake_ollama", lambda url: OllamaClient(Server(url))),
        ("OpenAI", "tests.doubles.fake_openai", lambda url: OpenAICompatibleClient(Server(f"{url}/v1"))),
    ):
        server = subprocess.Popen([sys.executable, "-m", module], stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220
        try:
            assert server.stdout is not None
            port = await asyncio.to_thread(server.stdout.readline)
            client = make(f"http://127.0.0.1:{port.strip()}")
            for count in sorted({1, streams}):
                await read_from(name, client, count)
        finally:
            server.terminate()
            server.wait()
    await close_sessions()


def main() -> None:
    """This will print all rates."""
    for tokens_a_read in (1, 10, 400):
        parse_alone("Ollama", ChatParser, FakeOllama().frame, tokens_a_read)
        parse_alone("OpenAI", ChunkParser, FakeOpenAI().frame, tokens_a_read)
    uvloop.run(_over_the_wire(int(sys.argv[1]) if len(sys.argv) > 1 else 50))


if __name__ == "__main__":
    main()
