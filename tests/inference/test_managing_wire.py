"""Pulls and creations as Ollama streams them: every step is read, every fault named, none waited for without end."""

import asyncio
from contextlib import aclosing

import pytest

from apps.inference.engine.managing import servers
from apps.inference.engine.managing.names import plain_name
from apps.inference.engine.managing.progress import Progress, seconds_left
from apps.inference.engine.managing.steps import Failed, Step, steps
from apps.inference.engine.managing.troubles import Trouble
from apps.inference.engine.wire import Server, Timeouts
from apps.inference.errors import ModelNotFound, ProviderTimeout
from olympus.kernel.http import close_sessions
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.ollama_managing import NO_NETWORK, NO_SPACE, NO_SUCH, Pull
from tests.inference.conftest import IMPATIENT


async def pulled(ollama: FakeOllama, model: str = "new", *, silence_s: float = 5.0) -> list[Step]:
    server = Server(ollama.url, "sk-secret", IMPATIENT)
    async with aclosing(steps(server, "/api/pull", {"model": model}, silence_s=silence_s)) as all_steps:
        return [step async for step in all_steps]


async def test_a_pull_tells_each_step_and_ends_with_the_model_there(ollama: FakeOllama) -> None:
    found = await pulled(ollama)

    assert found[0] == Step("pulling manifest")
    assert found[-1].is_last
    assert max(step.done_bytes for step in found) == 2_000_000_000
    assert "new:latest" in ollama.models


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        (NO_SUCH, Trouble.NO_MODEL),
        (NO_SPACE, Trouble.NO_SPACE),
        (NO_NETWORK, Trouble.NO_NETWORK),
        ("The model you are pulling requires a newer version of Ollama.", Trouble.OLD_SERVER),
        ("digest mismatch, file must be downloaded again", Trouble.DAMAGED),
        ("something else sk-secret", Trouble.REFUSED),
    ],
)
async def test_what_a_server_says_is_sorted_and_shows_no_key(ollama: FakeOllama, said: str, trouble: Trouble) -> None:
    ollama.managing.default = Pull(error=said)

    with pytest.raises(Failed) as failed:
        await pulled(ollama)

    assert failed.value.trouble is trouble
    assert "sk-secret" not in failed.value.words


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [("cut", Trouble.CUT), ("garbage", Trouble.MALFORMED), ("flood", Trouble.MALFORMED)],
)
async def test_a_broken_stream_is_named(ollama: FakeOllama, fault: str, trouble: Trouble) -> None:
    ollama.managing.default = Pull(fault=fault)

    with pytest.raises(Failed) as failed:
        await pulled(ollama)

    assert failed.value.trouble is trouble


@pytest.mark.parametrize("fault", ["stall", "drip"])
async def test_a_server_that_says_nothing_more_is_given_up(ollama: FakeOllama, fault: str) -> None:
    ollama.managing.default = Pull(fault=fault)

    with pytest.raises(Failed) as failed:
        async with asyncio.timeout(5):
            await pulled(ollama, silence_s=0.3)

    assert failed.value.trouble is Trouble.SILENT


async def test_who_is_not_there_is_unreachable() -> None:
    with pytest.raises(Failed) as failed:
        async with aclosing(steps(Server("http://127.0.0.1:9"), "/api/pull", {"model": "x"})) as all_steps:
            await anext(all_steps)

    await close_sessions()
    assert failed.value.trouble is Trouble.UNREACHABLE


async def test_a_model_is_shown_copied_loaded_and_deleted(ollama: FakeOllama) -> None:
    server = Server(ollama.url)

    shown = await servers.show(server, "fake:latest")
    await servers.copy(server, "fake:latest", "twin")
    await servers.load(server, "twin:latest", embeds=False)
    await servers.load(server, "fake-embed:latest", embeds=True)
    held = await servers.held_models(server)
    await servers.unload(server, "fake-embed:latest")
    await servers.delete(server, "twin")

    assert (shown.family, shown.quantization, shown.license) == ("llama", "Q4_K_M", "Do what is right.")
    assert {each.name for each in held} == {"twin:latest", "fake-embed:latest"}
    assert held[0].vram_bytes == 2_019_393_189
    assert ollama.loaded == []
    assert "twin:latest" not in ollama.models


async def test_a_model_that_is_not_there_is_not_found(ollama: FakeOllama) -> None:
    server = Server(ollama.url)

    for work in (servers.show(server, "gone"), servers.delete(server, "gone"), servers.copy(server, "gone", "x")):
        with pytest.raises(ModelNotFound):
            await work


def test_speed_is_what_arrives_and_not_what_was_there() -> None:
    progress = Progress()

    for second in range(11):
        progress.take(Step("pulling a", "a", 1000, 500 + second * 10), now=float(second))

    assert (progress.total_bytes, progress.done_bytes) == (1000, 600)
    assert progress.bytes_per_s == 10
    assert seconds_left(1000, 600, 10) == 40


def test_absurd_sizes_still_fit_the_database() -> None:
    progress = Progress()

    for number in range(20):
        progress.take(Step("pulling", str(number), 1 << 60, 1 << 60), now=float(number))

    assert (progress.total_bytes, progress.done_bytes) == (1 << 60, 1 << 60)


async def test_a_server_that_hangs_is_not_waited_for_where_a_person_waits(ollama: FakeOllama) -> None:
    ollama.managing.answers["POST /api/generate"] = lambda _request, _connection: None

    with pytest.raises(ProviderTimeout):
        async with asyncio.timeout(5):
            await servers.unload(Server(ollama.url, "", Timeouts(answer_s=0.2)), "fake")


def test_files_are_added_up() -> None:
    progress = Progress()

    progress.take(Step("pulling a", "a", 100, 100), now=0.0)
    progress.take(Step("pulling b", "b", 50, 10), now=0.1)

    assert (progress.total_bytes, progress.done_bytes, progress.bytes_per_s) == (150, 110, None)


@pytest.mark.parametrize(
    ("entered", "name"),
    [
        ("llama3.2:3b", "llama3.2:3b"),
        (" ollama run qwen3 ", "qwen3"),
        ("https://ollama.com/library/gemma3:4b", "gemma3:4b"),
        ("https://huggingface.co/bartowski/Llama-3.2-3B-GGUF", "hf.co/bartowski/Llama-3.2-3B-GGUF"),
        ("registry.example:5000/team/model:v1", "registry.example:5000/team/model:v1"),
        ("", None),
        ("../../etc/passwd", None),
        ("a b", None),
        ("x" * 300, None),
        ("http://169.254.169.254/latest", None),
        ("name\0", None),
    ],
)
def test_names_are_read_as_people_copy_them(entered: str, name: str | None) -> None:
    assert plain_name(entered) == name
