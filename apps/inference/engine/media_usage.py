"""What pictures, transcripts and speech used: read from the answer, else estimated."""

from struct import unpack
from typing import Annotated, Any

import msgspec

from apps.inference.contracts import Capability, MediaRequest, MediaUsage, Upload

# An event with a picture in base64; what is longer is handed on and not read.
_EVENT_BYTES = 16 * 1024 * 1024
# Speech in a compressed file has some 64 kbit/s; what is denser is counted as longer than it is.
_SPEECH_BYTES_A_SECOND = 8_000
# A speaker says 150 words, some 900 characters, in a minute.
_CHARACTERS_A_SECOND = 15.0
_WAV_HEADER_BYTES = 44
# PCM, floats, A-law, mu-law, and any of them with a longer header: a second has as many bytes as its samples.
_PLAIN_WAV = frozenset({1, 3, 6, 7, 0xFFFE})


# More than any answer uses: a number past this is a server's mistake, and its answer is estimated.
_Tokens = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
_Seconds = Annotated[float, msgspec.Meta(ge=0, le=10**6)]


class _Used(msgspec.Struct):
    input_tokens: _Tokens = 0
    output_tokens: _Tokens = 0
    seconds: _Seconds | None = None


class _Answer(msgspec.Struct):
    """What is read of an answer or an event; all else stays unread."""

    usage: _Used | None = None
    duration: _Seconds | None = None
    data: list[msgspec.Raw] | None = None
    type: str = ""


_answer = msgspec.json.Decoder(_Answer, strict=False)


def expected_usage(capability: Capability, request: MediaRequest) -> MediaUsage:
    """This will tell what a call will use as far as its request tells: pictures, or seconds of audio."""
    if capability is Capability.IMAGES:
        return MediaUsage(image_count=_count(request.parameters.get("n")), is_estimated=True)
    if capability is Capability.SPEECH:
        speed = request.parameters.get("speed") or 1.0
        text = str(request.parameters.get("input", ""))
        return MediaUsage(audio_s=len(text) / _CHARACTERS_A_SECOND / float(speed), is_estimated=True)
    return MediaUsage(audio_s=seconds_of(request.upload) if request.upload else 0.0, is_estimated=True)


def seconds_of(upload: Upload) -> float:
    """This will tell how long a recording is: exactly for plain WAV, else rather too long."""
    data = upload.data
    if data[:4] == b"RIFF" and data[8:16] == b"WAVEfmt " and (bytes_a_second := _bytes_a_second(data[20:36])):
        return max(0, len(data) - _WAV_HEADER_BYTES) / bytes_a_second
    return len(data) / _SPEECH_BYTES_A_SECOND


def _bytes_a_second(form: bytes) -> float:
    """By the numbers a recording is played by: whoever sends it can write any rate of bytes beside them."""
    tag, channels, rate, _byte_rate, _frame, bits = unpack("<HHIIHH", form.ljust(16, b"\0"))
    return channels * rate * bits / 8 if tag in _PLAIN_WAV else 0.0


def _count(n: Any) -> int:
    return n if isinstance(n, int) and n > 0 else 1


class UsageReader:
    """Reads along an answer that is handed on, and corrects `usage` by what the server counted."""

    def __init__(self, capability: Capability, usage: MediaUsage, content_type: str) -> None:
        self._capability = capability
        self._usage = usage
        self._is_events = content_type == "text/event-stream"
        self._is_read = self._is_events or content_type.endswith("json")
        self._held = bytearray()
        self._finished_images = 0

    def feed(self, data: bytes) -> None:
        """This will take the next bytes; sound is not looked at."""
        if not self._is_read:
            return
        self._held += data
        if self._is_events and b"\n" in data:
            *lines, rest = self._held.split(b"\n")
            self._held = bytearray(rest)
            for line in lines:
                self._read_line(line)
        if self._is_events and len(self._held) > _EVENT_BYTES:
            self._is_read = False
            self._held.clear()

    def end(self) -> None:
        """This will read what the answer ended in."""
        if self._is_events:
            self._read_line(self._held)
        elif self._is_read:
            self._read(self._held)
        self._held.clear()

    def _read_line(self, line: bytes | bytearray) -> None:
        # Only the last event of each thing counts; the many small ones before it are not decoded.
        if line.startswith(b"data:") and (b'"usage"' in line or b".completed" in line[:200]):
            self._read(line[5:])

    def _read(self, raw: bytes | bytearray) -> None:
        try:
            answer = _answer.decode(raw)
        except (ValueError, RecursionError):
            return  # it is the client's to read; the estimate stays
        self._count_images(answer)
        if answer.usage is not None:
            self._usage.input_tokens += answer.usage.input_tokens
            self._usage.output_tokens += answer.usage.output_tokens
        seconds = answer.duration or (answer.usage.seconds if answer.usage else None)
        if seconds is not None:
            self._usage.audio_s = seconds
        self._usage.is_estimated = seconds is None and answer.usage is None and answer.data is None

    def _count_images(self, answer: _Answer) -> None:
        if self._capability is not Capability.IMAGES:
            return
        if answer.data is not None:
            self._usage.image_count = len(answer.data)
        elif answer.type.endswith(".completed"):
            self._finished_images += 1
            self._usage.image_count = self._finished_images
