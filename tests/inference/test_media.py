"""Pictures, transcripts and speech on OpenAI's wire."""

import io
import wave
from contextlib import aclosing

import pytest

from apps.inference import errors
from apps.inference.contracts import Capability, MediaAnswer, MediaRequest, Upload
from apps.inference.engine.media_usage import seconds_of
from apps.inference.engine.openai_compatible import OpenAICompatibleClient
from apps.inference.engine.wire import Server
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.forms import PostedFile
from tests.doubles.http_server import until
from tests.doubles.openai_media import SECONDS, heard, sound_of
from tests.doubles.streaming import Script
from tests.inference.conftest import IMPATIENT

C = Capability
RECORDING = Upload("talk.mp3", "audio/mpeg", b"ID3" + bytes(8_000 * 3))


async def ask(server: FakeOpenAI, capability: Capability, request: MediaRequest) -> MediaAnswer:
    return await OpenAICompatibleClient(Server(server.base_url, "", IMPATIENT)).open_media(capability, request)


async def whole(answer: MediaAnswer) -> bytes:
    async with aclosing(answer.chunks) as chunks:
        return b"".join([piece async for piece in chunks])


async def test_pictures_are_counted(openai: FakeOpenAI) -> None:
    answer = await ask(openai, C.IMAGES, MediaRequest("dall-e-3", {"prompt": "a temple", "n": 2}))
    body = await whole(answer)

    assert body.count(b"https://images.example/one.png") == 2
    assert (answer.usage.image_count, answer.usage.is_estimated) == (2, False)
    assert openai.log.requests[-1].body == {"model": "dall-e-3", "prompt": "a temple", "n": 2}


async def test_tokens_of_pictures_are_counted_where_they_are_told(openai: FakeOpenAI) -> None:
    answer = await ask(openai, C.IMAGES, MediaRequest("gpt-image-2", {"prompt": "a temple"}))
    await whole(answer)

    assert (answer.usage.image_count, answer.usage.input_tokens, answer.usage.output_tokens) == (1, 11, 272)


async def test_a_picture_that_comes_step_by_step_is_counted_once(openai: FakeOpenAI) -> None:
    parameters = {"prompt": "a temple", "stream": True, "partial_images": 2}

    answer = await ask(openai, C.IMAGES, MediaRequest("gpt-image-2", parameters))
    body = await whole(answer)

    assert answer.content_type.startswith("text/event-stream")
    assert body.count(b"partial_image_index") == 2
    assert (answer.usage.image_count, answer.usage.output_tokens) == (1, 272)


async def test_a_recording_travels_as_a_form(openai: FakeOpenAI) -> None:
    parameters = {"language": "en", "timestamp_granularities[]": ["word", "segment"], "response_format": "verbose_json"}

    answer = await ask(openai, C.TRANSCRIPTION, MediaRequest("whisper-1", parameters, RECORDING))
    body = await whole(answer)

    form = openai.log.requests[-1].body
    assert form["file"] == PostedFile("talk.mp3", "audio/mpeg", RECORDING.data)
    assert form["timestamp_granularities[]"] == ["word", "segment"]
    assert b'"words"' in body
    assert b'"segments"' in body
    assert (answer.usage.audio_s, answer.usage.is_estimated) == (SECONDS, False)


@pytest.mark.parametrize("response_format", ["text", "srt", "vtt"])
async def test_a_transcript_as_text_is_charged_by_estimate(openai: FakeOpenAI, response_format: str) -> None:
    request = MediaRequest("whisper-1", {"response_format": response_format}, RECORDING)

    answer = await ask(openai, C.TRANSCRIPTION, request)
    body = await whole(answer)

    assert heard(PostedFile("talk.mp3", "audio/mpeg", RECORDING.data)).encode() in body
    assert answer.content_type.startswith("text/plain")
    assert answer.usage.audio_s == pytest.approx(3, abs=0.01)
    assert answer.usage.is_estimated


async def test_a_transcript_that_comes_word_by_word_tells_its_tokens_at_the_end(openai: FakeOpenAI) -> None:
    request = MediaRequest("gpt-4o-transcribe", {"stream": "true"}, RECORDING)

    answer = await ask(openai, C.TRANSCRIPTION, request)
    body = await whole(answer)

    assert b"transcript.text.delta" in body
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (14, 9)


async def test_speech_is_handed_on_as_it_comes(openai: FakeOpenAI) -> None:
    request = MediaRequest("tts-1", {"input": "x" * 150, "voice": "coral", "speed": 2.0})

    answer = await ask(openai, C.SPEECH, request)
    body = await whole(answer)

    assert body == b"".join(sound_of("x" * 150, 50))
    assert answer.content_type == "audio/mpeg"
    assert answer.usage.audio_s == pytest.approx(5.0)


async def test_speech_as_events_tells_its_tokens(openai: FakeOpenAI) -> None:
    request = MediaRequest("gpt-4o-mini-tts", {"input": "hello", "voice": "coral", "stream_format": "sse"})

    answer = await ask(openai, C.SPEECH, request)
    await whole(answer)

    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (7, 90)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("401", errors.ProviderUnauthorized), ("429:7", errors.ProviderRateLimited), ("500", errors.ProviderFailed),
        ("html", errors.MalformedStream), ("no_answer", errors.ProviderTimeout),
    ],
)  # fmt: skip
async def test_a_refusal_comes_before_the_first_byte(
    openai: FakeOpenAI, fault: str, error: type[errors.ModelError]
) -> None:
    with pytest.raises(error):
        await ask(openai, C.SPEECH, MediaRequest(f"tts-1?fault={fault}", {"input": "hello", "voice": "coral"}))


@pytest.mark.parametrize(("fault", "error"), [("cut", errors.StreamCut), ("silence", errors.ProviderTimeout)])
async def test_speech_that_breaks_off_is_a_typed_error(
    openai: FakeOpenAI, fault: str, error: type[errors.ModelError]
) -> None:
    request = MediaRequest(f"tts-1?fault={fault}&fault_at=3", {"input": "hello", "voice": "coral"})
    answer = await ask(openai, C.SPEECH, request)

    with pytest.raises(error):
        await whole(answer)


async def test_closing_the_answer_closes_the_connection(openai: FakeOpenAI) -> None:
    openai.scripts["tts-1"] = Script(tokens=1000, rate=50)
    answer = await ask(openai, C.SPEECH, MediaRequest("tts-1", {"input": "hello", "voice": "coral"}))

    await anext(answer.chunks)
    await answer.chunks.aclose()

    await until(lambda: openai.log.disconnects == ["tts-1"])


@pytest.mark.parametrize("usage", ['{"input_tokens":-5}', '{"input_tokens":1e30}', '"many"', "[1]"])
async def test_a_senseless_usage_is_estimated_instead(openai: FakeOpenAI, usage: str) -> None:
    openai.answers["/v1/images/generations"] = f'{{"data":[{{}}],"usage":{usage}}}'.encode()

    answer = await ask(openai, C.IMAGES, MediaRequest("dall-e-3", {"prompt": "a temple", "n": 3}))
    await whole(answer)

    assert (answer.usage.input_tokens, answer.usage.image_count, answer.usage.is_estimated) == (0, 3, True)


def recording(seconds: int) -> bytes:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(2 * 16_000 * seconds))
    return sound.getvalue()


def test_a_wav_file_tells_its_length() -> None:
    assert seconds_of(Upload("a.wav", "audio/wav", recording(4))) == pytest.approx(4)


def test_a_wav_file_that_lies_about_its_bytes_is_as_long_as_it_is_played() -> None:
    data = bytearray(recording(4))
    data[28:34] = b"\xff" * 6

    assert seconds_of(Upload("a.wav", "audio/wav", bytes(data))) == pytest.approx(4)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF....WAVEfmt " + bytes(40), b"x"])
def test_a_broken_file_has_a_length_too(data: bytes) -> None:
    assert seconds_of(Upload("a.wav", "audio/wav", data)) >= 0
