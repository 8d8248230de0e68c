"""Listing models and embedding texts, on both wires."""

import msgspec
import pytest

from apps.inference import errors
from apps.inference.contracts import Capability, ModelClient
from apps.inference.engine.openai_catalog import ListedModel, model_info
from tests.doubles.fake_ollama import FakeOllama
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.model_server import ModelServer
from tests.inference.conftest import client_of

C = Capability
Either = tuple[ModelServer, ModelClient]


async def test_ollama_tells_what_each_model_can_and_which_are_loaded(ollama: FakeOllama) -> None:
    ollama.loaded = ["fake:latest"]

    infos = {info.name: info for info in await client_of(ollama).list_models()}

    assert infos["fake:latest"].capabilities == {C.CHAT, C.TOOLS, C.STRUCTURED_OUTPUT}
    assert infos["fake-vision:latest"].capabilities == {C.CHAT, C.TOOLS, C.STRUCTURED_OUTPUT, C.VISION, C.THINKING}
    assert infos["fake-embed:latest"].capabilities == {C.EMBEDDINGS}
    assert (infos["fake:latest"].is_loaded, infos["fake:latest"].context_length) == (True, 4096)
    assert (infos["fake-vision:latest"].is_loaded, infos["fake-vision:latest"].context_length) == (False, 131072)
    assert infos["fake:latest"].size_bytes == 2_019_393_189
    assert infos["fake:latest"].digest.startswith("a80c4f17")


async def test_an_ollama_that_tells_all_in_its_list_is_asked_no_more(ollama: FakeOllama) -> None:
    ollama.tells_all_in_tags = True

    infos = {info.name: info for info in await client_of(ollama).list_models()}

    assert infos["fake-embed:latest"].capabilities == {C.EMBEDDINGS}
    assert infos["fake:latest"].context_length == 131072
    assert {request.path for request in ollama.log.requests} == {"/api/tags", "/api/ps"}


async def test_an_openai_compatible_server_is_judged_by_names(openai: FakeOpenAI) -> None:
    infos = {info.name: info for info in await client_of(openai).list_models()}

    assert set(infos) == {"fake", "gpt-4o-mini", "text-embedding-3-small"}
    assert C.VISION in infos["gpt-4o-mini"].capabilities
    assert C.VISION not in infos["fake"].capabilities
    assert infos["text-embedding-3-small"].capabilities == {C.EMBEDDINGS}


@pytest.mark.parametrize(
    ("row", "context_length", "capabilities"),
    [
        ({"id": "Qwen/Qwen2.5-VL-7B", "max_model_len": 32768, "owned_by": "vllm"}, 32768, {C.VISION}),
        ({"id": "x.gguf", "meta": {"n_ctx": 4096, "n_ctx_train": 131072}}, 4096, set()),
        ({"id": "x", "meta": None, "architecture": {"input_modalities": ["text", "image"]}, "context_length": 8}, 8, {C.VISION}),
        ({"id": "x", "capabilities": {"vision": True}, "max_context_length": 32}, 32, {C.VISION}),
        ({"id": "x", "capabilities": ["completion", "multimodal"]}, None, {C.VISION}),
        ({"id": "x", "type": "vlm"}, None, {C.VISION}),
        ({"id": "o3-mini"}, None, {C.VISION, C.THINKING}),
        ({"id": "deepseek-r1"}, None, {C.THINKING}),
    ],
)  # fmt: skip
def test_what_a_server_adds_to_its_list_is_used(
    row: dict[str, object], context_length: int | None, capabilities: set[Capability]
) -> None:
    info = model_info(msgspec.convert(row, ListedModel))

    assert info.context_length == context_length
    assert info.capabilities == {C.CHAT, C.TOOLS, C.STRUCTURED_OUTPUT} | capabilities


@pytest.mark.parametrize("name", ["nomic-embed-text", "BAAI/bge-m3", "text-embedding-ada-002"])
def test_embedding_models_are_known_by_name(name: str) -> None:
    assert model_info(ListedModel(name)).capabilities == {C.EMBEDDINGS}


@pytest.mark.parametrize(
    ("name", "capability"),
    [
        ("dall-e-3", C.IMAGES), ("gpt-image-2.5-flare", C.IMAGES), ("black-forest-labs/FLUX.1-dev", C.IMAGES),
        ("stabilityai/stable-diffusion-3.5-large", C.IMAGES),
        ("whisper-1", C.TRANSCRIPTION), ("gpt-4o-mini-transcribe", C.TRANSCRIPTION),
        ("Systran/faster-whisper-small", C.TRANSCRIPTION),
        ("tts-1-hd", C.SPEECH), ("gpt-4o-mini-tts", C.SPEECH), ("hexgrad/Kokoro-82M", C.SPEECH),
    ],
)  # fmt: skip
def test_models_that_draw_hear_and_speak_are_known_by_name(name: str, capability: Capability) -> None:
    assert model_info(ListedModel(name)).capabilities == {capability}


@pytest.mark.parametrize("name", ["omni-moderation-latest", "gpt-4o-realtime-preview", "sora-2", "gpt-audio"])
def test_models_for_nothing_here_are_left_out(name: str) -> None:
    assert model_info(ListedModel(name)).capabilities == frozenset()


async def test_texts_are_embedded_in_their_order(either: Either) -> None:
    _, client = either

    answer = await client.embed("fake-embed", ["a", "four", "seven77"])

    assert [vector[0] for vector in answer.vectors] == [1.0, 4.0, 7.0]
    assert answer.prompt_tokens == 8


@pytest.mark.parametrize(
    ("fault", "error"),
    [("404", errors.ModelNotFound), ("html", errors.MalformedStream), ("no_answer", errors.ProviderTimeout)],
)
async def test_a_failed_embedding_is_a_typed_error(either: Either, fault: str, error: type[errors.ModelError]) -> None:
    _, client = either

    with pytest.raises(error):
        await client.embed(f"fake-embed?fault={fault}", ["a"])


async def test_a_list_from_another_kind_of_server_is_refused(ollama: FakeOllama, openai: FakeOpenAI) -> None:
    ollama_at_openai = client_of(openai)
    ollama_at_openai._server = ollama_at_openai._server.__class__(ollama.url)  # the OpenAI client at an Ollama's root

    with pytest.raises(errors.ProviderRefused):
        await ollama_at_openai.list_models()
