"""The `openai` package, unchanged: sync, async, streaming, tools, parse, and everything that is no chat."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator

import openai
import pytest
from pydantic import BaseModel

from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.openai_media import PNG, sound_of
from tests.doubles.streaming import Script
from tests.doubles.texts import expected_text
from tests.gateway.conftest import Program

pytestmark = pytest.mark.django_db(transaction=True)

HELLO = [{"role": "user", "content": "Hello"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class God(BaseModel):
    """What `parse` reads an answer into."""

    name: str
    age: int


@pytest.fixture
async def client(door: Program) -> AsyncIterator[openai.AsyncOpenAI]:
    """The asynchronous client."""
    async with openai.AsyncOpenAI(base_url=f"{door.url}/v1", api_key=door.key, max_retries=0) as client:
        yield client


async def test_a_program_that_waits(door: Program) -> None:
    def ask() -> tuple[str | None, str, int]:
        with openai.OpenAI(base_url=f"{door.url}/v1", api_key=door.key, max_retries=0) as client:
            whole = client.chat.completions.create(model="fake", messages=HELLO)  # type: ignore[arg-type]
            stream = client.chat.completions.create(model="fake", messages=HELLO, stream=True)  # type: ignore[arg-type]
            streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
            assert whole.usage is not None
            return whole.choices[0].message.content, streamed, whole.usage.completion_tokens

    assert await asyncio.to_thread(ask) == (expected_text("Hello", 50), expected_text("Hello", 50), 50)


async def test_a_program_that_does_other_things_meanwhile(client: openai.AsyncOpenAI) -> None:
    answers = await asyncio.gather(
        *(client.chat.completions.create(model="fake", messages=HELLO, max_tokens=5) for _ in range(8))  # type: ignore[call-overload]
    )

    assert {answer.choices[0].finish_reason for answer in answers} == {"length"}


async def test_a_stream_with_its_usage(client: openai.AsyncOpenAI) -> None:
    async with client.chat.completions.stream(
        model="fake",
        messages=HELLO,
        stream_options={"include_usage": True},  # type: ignore[arg-type]
    ) as stream:
        kinds = {event.type async for event in stream}
        final = await stream.get_final_completion()

    assert {"chunk", "content.delta", "content.done"} <= kinds
    assert final.choices[0].message.content == expected_text("Hello", 50)
    assert final.usage is not None
    assert final.usage.completion_tokens == 50


async def test_tools(client: openai.AsyncOpenAI, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=0, tool_calls=(("get_weather", {"city": "Athens"}),))

    asked = await client.chat.completions.create(model="fake", messages=HELLO, tools=[WEATHER])  # type: ignore[call-overload]
    call = asked.choices[0].message.tool_calls[0]
    upstream.default = Script()
    told = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    said = await client.chat.completions.create(
        model="fake", messages=[*HELLO, asked.choices[0].message, told], tools=[WEATHER]
    )

    assert asked.choices[0].finish_reason == "tool_calls"
    assert (call.function.name, json.loads(call.function.arguments)) == ("get_weather", {"city": "Athens"})
    assert said.choices[0].message.content
    assert upstream.log.requests[-1].body["messages"][2] == told


async def test_parse_into_a_class(client: openai.AsyncOpenAI, upstream: FakeOpenAI) -> None:
    upstream.default = Script(pieces=('{"name": "Ze', 'us", "age":', " 4000}"))

    answer = await client.chat.completions.parse(model="fake", messages=HELLO, response_format=God)  # type: ignore[arg-type]

    assert answer.choices[0].message.parsed == God(name="Zeus", age=4000)
    assert upstream.log.requests[-1].body["response_format"]["json_schema"]["schema"]["required"] == ["name", "age"]


async def test_responses(client: openai.AsyncOpenAI, upstream: FakeOpenAI) -> None:
    whole = await client.responses.create(model="fake", input="Hello", instructions="Be brief.")
    async with client.responses.stream(model="fake", input="Hello") as stream:
        kinds = [event.type async for event in stream]
        final = await stream.get_final_response()

    assert whole.output_text == final.output_text == expected_text("Hello", 50)
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    assert whole.usage is not None
    assert whole.usage.output_tokens == 50
    assert upstream.log.requests[0].body["messages"][0] == {"role": "system", "content": "Be brief."}


async def test_responses_parsed(client: openai.AsyncOpenAI, upstream: FakeOpenAI) -> None:
    upstream.default = Script(pieces=('{"name": "Hera",', '"age": 3990}'))

    answer = await client.responses.parse(model="fake", input="Who?", text_format=God)

    assert answer.output_parsed == God(name="Hera", age=3990)


async def test_embeddings(client: openai.AsyncOpenAI) -> None:
    answer = await client.embeddings.create(model="text-embedding-3-small", input=["a", "four"])

    assert [row.embedding for row in answer.data] == [[1.0, 0.5, -1.0], [4.0, 0.5, -1.0]]
    assert answer.usage.prompt_tokens == 8


async def test_models(client: openai.AsyncOpenAI) -> None:
    names = [model.id async for model in client.models.list()]
    one = await client.models.retrieve("fake")

    assert {"fake", "gpt-image-2", "whisper-1", "tts-1"} <= set(names)
    assert (one.id, one.owned_by) == ("fake", "Fake")


async def test_pictures(client: openai.AsyncOpenAI) -> None:
    answer = await client.images.generate(model="gpt-image-2", prompt="a temple", n=2, size="1024x1024")
    stream = await client.images.generate(model="gpt-image-2", prompt="a temple", stream=True, partial_images=1)
    kinds = [event.type async for event in stream]

    assert answer.data is not None
    assert [base64.b64decode(image.b64_json or "") for image in answer.data] == [PNG, PNG]
    assert answer.usage is not None
    assert answer.usage.output_tokens == 272
    assert kinds == ["image_generation.partial_image", "image_generation.completed"]


async def test_recordings(client: openai.AsyncOpenAI) -> None:
    file = ("talk.wav", b"RIFF" + bytes(2000), "audio/wav")

    plain = await client.audio.transcriptions.create(model="whisper-1", file=file)
    subtitles = await client.audio.transcriptions.create(model="whisper-1", file=file, response_format="srt")
    verbose = await client.audio.transcriptions.create(
        model="whisper-1", file=file, response_format="verbose_json", timestamp_granularities=["word", "segment"]
    )
    stream = await client.audio.transcriptions.create(model="whisper-1", file=file, stream=True)
    kinds = {event.type async for event in stream}

    assert plain.text == "I heard 2004 bytes of talk.wav."
    assert "00:00:12,500" in subtitles
    assert verbose.words is not None
    assert verbose.segments is not None
    assert (verbose.duration, verbose.words[0].word, verbose.segments[0].end) == (12.5, "I", 12.5)
    assert kinds == {"transcript.text.delta", "transcript.text.done"}


async def test_speech(client: openai.AsyncOpenAI) -> None:
    whole = await client.audio.speech.create(model="tts-1", voice="coral", input="Hello")
    async with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="coral", input="Hello", response_format="pcm"
    ) as answer:
        streamed = b"".join([piece async for piece in answer.iter_bytes()])

    assert await whole.aread() == streamed == b"".join(sound_of("Hello", 50))


async def test_errors_are_the_packages_own(client: openai.AsyncOpenAI, door: Program, upstream: FakeOpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        await client.chat.completions.create(model="nothing", messages=HELLO)  # type: ignore[arg-type]
    with pytest.raises(openai.BadRequestError) as wrong:
        await client.chat.completions.create(model="fake", messages=HELLO, temperature=9)  # type: ignore[call-overload]
    upstream.default = Script(fault="429:7")
    with pytest.raises(openai.RateLimitError) as busy:
        await client.chat.completions.create(model="fake", messages=HELLO)  # type: ignore[arg-type]
    async with openai.AsyncOpenAI(base_url=f"{door.url}/v1", api_key="oly_no", max_retries=0) as nobody:
        with pytest.raises(openai.AuthenticationError):
            await nobody.models.list()

    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    assert (wrong.value.param, wrong.value.type) == ("temperature", "invalid_request_error")
    assert busy.value.response.headers["retry-after"] == "7"


async def test_a_stream_that_breaks_raises(client: openai.AsyncOpenAI, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=20, fault="cut", fault_at=5)
    stream = await client.chat.completions.create(model="fake", messages=HELLO, stream=True)  # type: ignore[call-overload]

    with pytest.raises(openai.APIError):
        async for _chunk in stream:
            pass
