"""POST /v1/audio/transcriptions and /v1/audio/speech."""

import io
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from asgiref.sync import sync_to_async

from apps.accounts.models import LedgerEntry
from apps.inference.models import Price, Provider
from olympus.kernel.actor import Scope
from tests.doubles.fake_openai import FakeOpenAI
from tests.doubles.forms import PostedFile
from tests.doubles.http_server import until
from tests.doubles.openai_media import heard, sound_of
from tests.doubles.streaming import Script
from tests.gateway.conftest import Answer, MakeProgram, Program
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)

RECORDING = b"ID3" + bytes(range(256)) * 40 + b"\r\n--x\r\n"
TRANSCRIBE, SPEAK = "/v1/audio/transcriptions", "/v1/audio/speech"


@pytest.fixture
async def listener(provider: Provider, program: Program) -> Program:
    """A program, with models that hear and speak connected."""
    await sync_to_async(offer)(provider)
    return program


def offer(provider: Provider) -> None:
    """Let a provider hear and speak."""
    provider.catalog += [
        {"name": "whisper-1", "capabilities": ["transcription"]},
        {"name": "gpt-4o-transcribe", "capabilities": ["transcription"]},
        {"name": "tts-1", "capabilities": ["speech"]},
        {"name": "gpt-4o-mini-tts", "capabilities": ["speech"]},
    ]
    provider.save()


async def transcribe(
    program: Program, *fields: tuple[str, str], model: str = "whisper-1", data: bytes = RECORDING
) -> Answer:
    form = aiohttp.FormData()
    for name, value in (("model", model), *fields):
        form.add_field(name, value)
    form.add_field("file", io.BytesIO(data), filename="talk.mp3", content_type="audio/mpeg")
    headers = {"authorization": f"Bearer {program.key}"}
    async with program.session.post(program.url + TRANSCRIBE, data=form, headers=headers) as answer:
        heard = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, heard, await answer.read())


async def speak(program: Program, **members: Any) -> Answer:
    return await program("POST", SPEAK, {"model": "tts-1", "input": "Hello", "voice": "coral", **members})


async def test_a_recording_is_written_down(listener: Program, upstream: FakeOpenAI) -> None:
    answer = await transcribe(listener)

    file = PostedFile("talk.mp3", "audio/mpeg", RECORDING)
    assert answer.json()["text"] == heard(file)
    assert upstream.log.requests[-1].body["file"] == file
    assert answer.headers["x-olympus-model"] == "whisper-1"


@pytest.mark.parametrize(
    ("response_format", "kind", "part"),
    [("text", "text/plain", b"I heard"), ("srt", "text/plain", b"00:00:12,500"), ("vtt", "text/plain", b"WEBVTT")],
)
async def test_texts_and_subtitles_come_as_they_are(
    listener: Program, response_format: str, kind: str, part: bytes
) -> None:
    answer = await transcribe(listener, ("response_format", response_format))

    assert answer.headers["content-type"].startswith(kind)
    assert part in answer.body


@pytest.mark.parametrize("name", ["timestamp_granularities[]", "timestamp_granularities"])
async def test_timestamps_and_hints_are_passed_on(listener: Program, upstream: FakeOpenAI, name: str) -> None:
    fields: Sequence[tuple[str, str]] = [
        ("response_format", "verbose_json"), (name, "word"), (name, "segment"),
        ("language", "el"), ("prompt", "Ζεύς"), ("temperature", "0.5"), ("secret", "x"),
    ]  # fmt: skip

    answer = (await transcribe(listener, *fields)).json()

    form = upstream.log.requests[-1].body
    assert answer["words"][0]["word"] == "I"
    assert answer["segments"][0]["end"] == 12.5
    assert form["timestamp_granularities[]"] == ["word", "segment"]
    assert (form["language"], form["prompt"], form["temperature"]) == ("el", "Ζεύς", "0.5")
    assert "secret" not in form


async def test_a_transcript_is_streamed(listener: Program) -> None:
    answer = await transcribe(listener, ("stream", "true"), model="gpt-4o-transcribe")

    events = answer.events()
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert events[-1]["type"] == "transcript.text.done"
    assert "".join(event["delta"] for event in events[:-1]).strip() == events[-1]["text"]


async def test_speech_is_streamed_as_it_comes(listener: Program, upstream: FakeOpenAI) -> None:
    upstream.default = Script(tokens=20, rate=50)

    body = {"model": "tts-1", "input": "Hello", "voice": "coral", "speed": 1.5, "response_format": "mp3"}
    headers = {"authorization": f"Bearer {listener.key}"}
    async with listener.session.post(listener.url + SPEAK, json=body, headers=headers) as answer:
        first = await answer.content.readany()
        rest = await answer.read()

    assert answer.headers["content-type"] == "audio/mpeg"
    assert len(first) < len(rest)
    assert first + rest == b"".join(sound_of("Hello", 20))
    assert upstream.log.requests[-1].body == body


async def test_speech_comes_as_events_too(listener: Program) -> None:
    answer = await speak(listener, model="gpt-4o-mini-tts", stream_format="sse")

    assert answer.events()[-1]["type"] == "speech.audio.done"


async def test_audio_is_charged_by_the_minute_or_by_its_tokens(listener: Program, member: Someone) -> None:
    organization_id = member.actor.organization_id
    for pattern, prices in {
        "whisper*": {"audio_minute_usd": Decimal("0.006")},
        "tts*": {"audio_minute_usd": Decimal("0.015")},
        "gpt-4o-mini-tts": {"input_usd": 1, "output_usd": 12},
    }.items():
        await sync_to_async(Price.objects.create)(organization_id=organization_id, pattern=pattern, **prices)

    await transcribe(listener)
    await speak(listener, input="x" * 900)
    await speak(listener, model="gpt-4o-mini-tts", stream_format="sse")

    entries = {entry.model: entry for entry in await sync_to_async(lambda: list(LedgerEntry.objects.all()))()}
    assert (entries["whisper-1"].kind, entries["whisper-1"].cost_nanousd) == ("transcription", 1_250_000)
    assert (entries["tts-1"].kind, entries["tts-1"].cost_nanousd) == ("speech", 15_000_000)
    assert entries["gpt-4o-mini-tts"].cost_nanousd == 7 * 1_000 + 90 * 12_000


async def test_another_server_takes_over_before_the_first_byte(
    listener: Program, member: Someone, upstream: FakeOpenAI
) -> None:
    upstream.scripts |= {"whisper-1": Script(fault="500"), "tts-1": Script(fault="cut", fault_at=0)}
    async with FakeOpenAI() as second:
        await sync_to_async(_second)(member, second)

        written = [await transcribe(listener) for _ in range(3)]
        spoken = [await speak(listener) for _ in range(3)]

    assert {answer.status for answer in written + spoken} == {200}
    assert {answer.body for answer in spoken} == {b"".join(sound_of("Hello", 50))}


def _second(member: Someone, server: FakeOpenAI) -> None:
    offer(
        Provider.objects.create(
            organization_id=member.actor.organization_id, name="Second", kind="openai", base_url=server.base_url
        )
    )


async def test_speech_that_breaks_off_is_cut_and_not_ended(listener: Program, upstream: FakeOpenAI) -> None:
    upstream.scripts["tts-1"] = Script(tokens=20, fault="cut", fault_at=5)

    with pytest.raises(aiohttp.ClientPayloadError):
        await speak(listener)


async def test_a_program_that_goes_away_ends_the_servers_work(listener: Program, upstream: FakeOpenAI) -> None:
    upstream.scripts["tts-1"] = Script(tokens=100_000, rate=100)
    body = {"model": "tts-1", "input": "Hello", "voice": "coral"}

    headers = {"authorization": f"Bearer {listener.key}"}
    async with listener.session.post(listener.url + SPEAK, json=body, headers=headers) as answer:
        await answer.content.readany()
        answer.close()

    await until(lambda: upstream.log.disconnects == ["tts-1"], timeout_s=1.0)


async def test_a_recording_has_a_bound(listener: Program, upstream: FakeOpenAI) -> None:
    megabyte = 1024 * 1024

    statuses = [(await transcribe(listener, data=bytes(count * megabyte))).status for count in (25, 27)]

    assert statuses == [200, 413]
    assert [len(request.body["file"].data) for request in upstream.log.requests] == [25 * megabyte]


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ([("response_format", "xml")], "response_format"), ([("temperature", "hot")], "temperature"),
        ([("temperature", "7")], "temperature"), ([("timestamp_granularities[]", "year")], "timestamp_granularities[]"),
        ([("stream", "maybe")], "stream"), ([("language", "x" * 600)], "language"),
    ],
)  # fmt: skip
async def test_a_bad_field_is_named(
    listener: Program, upstream: FakeOpenAI, fields: list[tuple[str, str]], param: str
) -> None:
    answer = await transcribe(listener, *fields)

    assert answer.status == 400
    assert answer.json()["error"]["param"].startswith(param.removesuffix("[]"))
    assert not upstream.log.requests


FORM = "multipart/form-data; boundary=x"
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\nsound\r\n'
MODEL = b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", FILE + MODEL + b"--x--"),
        (FORM, b""),
        (FORM, b"--x"),
        (FORM, b"--x--"),
        (FORM, FILE + b"--x--"),
        (FORM, MODEL + b"--x--"),
        (FORM, FILE + MODEL),
        (FORM, FILE.replace(b"sound", b"") + MODEL + b"--x--"),
        (FORM, FILE + MODEL * 100 + b"--x--"),
        (FORM, b"--x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n--x--"),
        (FORM, b"--x\r\n\r\nnameless\r\n" + FILE + MODEL + b"--x--"),
        (FORM, FILE + MODEL.replace(b"whisper-1", b"\xff\xfe") + b"--x--"),
    ],
)
async def test_a_form_that_is_none_is_refused(
    listener: Program, upstream: FakeOpenAI, content_type: str, body: bytes
) -> None:
    answer = await listener("POST", TRANSCRIBE, body, content_type=content_type)

    assert answer.status == 400
    assert answer.json()["error"]["message"]
    assert not upstream.log.requests


async def test_a_files_name_is_only_a_name(listener: Program, upstream: FakeOpenAI) -> None:
    named = FILE.replace(b'"a.mp3"', b'"../../etc/\\"x\\".mp3"')

    await listener("POST", TRANSCRIBE, named + MODEL + b"--x--\r\n", content_type=FORM)

    assert upstream.log.requests[-1].body["file"].name.endswith("x%22.mp3")
    assert "/" not in upstream.log.requests[-1].body["file"].name


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"input": ""}, "input"), ({"input": "x" * 16_385}, "input"), ({"input": None}, "input"),
        ({"voice": None}, "voice"), ({"voice": 7}, "voice"), ({"speed": 0.1}, "speed"), ({"speed": -1}, "speed"),
        ({"response_format": "midi"}, "response_format"), ({"model": "whisper-1"}, "model"),
    ],
)  # fmt: skip
async def test_bad_speech_is_told_where_it_is(
    listener: Program, upstream: FakeOpenAI, members: dict[str, Any], param: str
) -> None:
    answer = await speak(listener, **members)

    assert (answer.status, answer.json()["error"]["param"]) == (400, param)
    assert not upstream.log.requests


async def test_strangers_and_readers_hear_and_say_nothing(
    listener: Program, stranger: Someone, member: Someone, program_of: MakeProgram
) -> None:
    elsewhere = await program_of(stranger, Scope.WRITE)
    reader = await program_of(member, Scope.READ)

    answers = [await transcribe(elsewhere), await speak(elsewhere), await transcribe(reader), await speak(reader)]

    assert [answer.status for answer in answers] == [404, 404, 403, 403]
    assert json.loads(answers[0].body)["error"]["code"] == "model_not_found"
