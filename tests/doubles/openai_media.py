"""What the fake OpenAI server draws, hears and says. Source: the types of the `openai` package 3.52."""

import base64
import json
from typing import Any

from tests.doubles.forms import PostedFile

# A picture of one gray pixel.
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==")
_CREATED = 1_795_165_200
SECONDS = 12.5
_IMAGE_USAGE = {
    "input_tokens": 11, "output_tokens": 272, "total_tokens": 283,
    "input_tokens_details": {"image_tokens": 0, "text_tokens": 11},
}  # fmt: skip


def event(value: Any) -> bytes:
    """This will write one server-sent event."""
    return b"data: " + json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def images_answer(body: dict[str, Any]) -> dict[str, Any]:
    """This will draw as many pictures as are asked for; GPT's models tell their tokens, others give addresses."""
    is_gpt = body["model"].startswith("gpt-image")
    if is_gpt or body.get("response_format") == "b64_json":
        image = {"b64_json": base64.b64encode(PNG).decode()}
    else:
        image = {"url": "https://images.example/one.png", "revised_prompt": body["prompt"]}
    answer: dict[str, Any] = {"created": _CREATED, "data": [image] * int(body.get("n") or 1)}
    return {**answer, "size": body.get("size"), "usage": _IMAGE_USAGE} if is_gpt else answer


def image_events(body: dict[str, Any]) -> list[bytes]:
    """This will draw one picture step by step."""
    picture = base64.b64encode(PNG).decode()
    base = {"b64_json": picture, "created_at": _CREATED, "size": "1024x1024", "quality": "high",
            "background": "opaque", "output_format": "png"}  # fmt: skip
    partial = [
        event({"type": "image_generation.partial_image", "partial_image_index": index, **base})
        for index in range(int(body.get("partial_images") or 0))
    ]
    return [*partial, event({"type": "image_generation.completed", "usage": _IMAGE_USAGE, **base})]


def heard(file: PostedFile) -> str:
    """This will tell what the fake hears in a file."""
    return f"I heard {len(file.data)} bytes of {file.name}."


def transcript(form: dict[str, Any]) -> tuple[bytes, str]:
    """This will write down a recording in the format asked for, with the type of the answer."""
    text = heard(form["file"])
    match form.get("response_format", "json"):
        case "text":
            return f"{text}\n".encode(), "text/plain; charset=utf-8"
        case "srt":
            return f"1\n00:00:00,000 --> 00:00:12,500\n{text}\n\n".encode(), "text/plain; charset=utf-8"
        case "vtt":
            return f"WEBVTT\n\n00:00.000 --> 00:12.500\n{text}\n\n".encode(), "text/plain; charset=utf-8"
        case "verbose_json":
            return json.dumps(_verbose(form, text)).encode(), "application/json"
        case _:
            usage = {"type": "duration", "seconds": SECONDS}
            return json.dumps({"text": text, "usage": usage}).encode(), "application/json"


def _verbose(form: dict[str, Any], text: str) -> dict[str, Any]:
    wanted = form.get("timestamp_granularities[]", "segment")
    answer: dict[str, Any] = {"task": "transcribe", "language": "english", "duration": SECONDS, "text": text}
    if "word" in wanted:
        answer["words"] = [{"word": word, "start": float(n), "end": n + 0.5} for n, word in enumerate(text.split())]
    if "segment" in wanted:
        answer["segments"] = [
            {"id": 0, "seek": 0, "start": 0.0, "end": SECONDS, "text": text, "tokens": [1, 2], "temperature": 0.0,
             "avg_logprob": -0.2, "compression_ratio": 1.1, "no_speech_prob": 0.01}
        ]  # fmt: skip
    return answer


def transcript_events(form: dict[str, Any]) -> list[bytes]:
    """This will write down a recording word by word."""
    text = heard(form["file"])
    deltas = [event({"type": "transcript.text.delta", "delta": f"{word} "}) for word in text.split()]
    usage = {"type": "tokens", "input_tokens": 14, "output_tokens": 9, "total_tokens": 23}
    return [*deltas, event({"type": "transcript.text.done", "text": text, "usage": usage})]


def sound_of(text: str, count: int) -> list[bytes]:
    """This will speak in so many pieces of bytes."""
    return [b"ID3" + f"{number}:{text}".encode() + bytes(64) for number in range(count)]


def speech_events(text: str, count: int) -> list[bytes]:
    """This will speak in events, with what it used at the end."""
    sounds = [
        event({"type": "speech.audio.delta", "audio": base64.b64encode(piece).decode()})
        for piece in sound_of(text, count)
    ]
    usage = {"input_tokens": 7, "output_tokens": 90, "total_tokens": 97}
    return [*sounds, event({"type": "speech.audio.done", "usage": usage})]
