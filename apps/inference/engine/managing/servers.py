"""One Ollama server asked to show, copy, delete, load or unload a model, or to take a file.

Source: github.com/ollama/ollama, api/types.go and server/routes.go, as of August 2026.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

import msgspec

from apps.inference.engine.managing.names import MODEL_CHARS
from apps.inference.engine.managing.steps import LARGEST_BYTES
from apps.inference.engine.wire import Server, fetch, open_answer
from apps.inference.errors import ModelError
from olympus.kernel.text import clean_text

# A model of hundreds of gigabytes is read from a slow disk in this time.
_LOAD_S = 600.0
# A file of a gigabyte is written in this time; it lies on the same network, mostly on the same machine.
_SEND_S = 900.0
# More models than any machine holds in memory.
_MOST_HELD = 100
# Licenses and templates are read by a person; what is past this is not a text.
_TEXT_CHARS = 64 * 1024


class _Details(msgspec.Struct):
    parent_model: str | None = None
    format: str | None = None
    family: str | None = None
    parameter_size: str | None = None
    quantization_level: str | None = None


class _Shown(msgspec.Struct):
    license: str | list[str] | None = None
    parameters: str | None = None
    template: str | None = None
    system: str | None = None
    details: _Details | None = None
    model_info: dict[str, Any] | None = None
    capabilities: list[str] | None = None


class _Running(msgspec.Struct):
    name: str
    size: int = 0
    size_vram: int = 0
    expires_at: str = ""
    context_length: int | None = None


class _Processes(msgspec.Struct):
    models: list[_Running] | None = None


class _Loaded(msgspec.Struct):
    done: bool = True
    error: Any = None


_shown = msgspec.json.Decoder(_Shown)
_processes = msgspec.json.Decoder(_Processes)
_loaded = msgspec.json.Decoder(_Loaded)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server tells about a model; empty where it tells nothing."""

    family: str
    parameter_size: str
    quantization: str
    format: str
    parent: str
    context_length: int | None
    capabilities: tuple[str, ...]
    system: str
    template: str
    parameters: str
    license: str


@dataclass(frozen=True, slots=True)
class Held:
    """A model in a server's memory: all it takes there, and what of it is on GPUs."""

    name: str
    size_bytes: int
    vram_bytes: int
    context_length: int | None
    expires_at: datetime | None


async def show(server: Server, model: str) -> Shown:
    """This will ask for a model's template, parameters, license and system prompt.

    Raises:
        ModelError
    """
    told = await fetch(server, "POST", "/api/show", _shown, {"model": model})
    details, info = told.details or _Details(), told.model_info or {}
    length = info.get(f"{info.get('general.architecture')}.context_length")
    licenses = told.license if isinstance(told.license, list) else [told.license or ""]
    return Shown(
        family=_word(details.family),
        parameter_size=_word(details.parameter_size),
        quantization=_word(details.quantization_level),
        format=_word(details.format),
        parent=_word(details.parent_model),
        context_length=length if isinstance(length, int) and length > 0 else None,
        capabilities=tuple(_word(each) for each in (told.capabilities or [])[:20]),
        system=_text(told.system),
        template=_text(told.template),
        parameters=_text(told.parameters),
        license=_text("\n\n".join(licenses)),
    )


async def held_models(server: Server) -> list[Held]:
    """This will list what is in the server's memory.

    Raises:
        ModelError
    """
    told = await fetch(server, "GET", "/api/ps", _processes)
    return [
        Held(
            clean_text(each.name)[:MODEL_CHARS], _size(each.size), _size(each.size_vram), each.context_length,
            _time(each.expires_at),
        )
        for each in (told.models or [])[:_MOST_HELD]
    ]  # fmt: skip


async def copy(server: Server, source: str, destination: str) -> None:
    """This will give a model a second name; it takes no space.

    Raises:
        ModelError
    """
    await _tell(server, "POST", "/api/copy", {"source": source, "destination": destination})


async def delete(server: Server, model: str) -> None:
    """This will remove a model, and of its files those no other model uses.

    Raises:
        ModelError
    """
    await _tell(server, "DELETE", "/api/delete", {"model": model})


async def load(server: Server, model: str, *, embeds: bool, keep_alive: str | int | None = None) -> None:
    """This will read a model into memory; `keep_alive` is Ollama's, None for the server's own.

    Raises:
        ModelError
    """
    body: dict[str, Any] = {"model": model, **({} if keep_alive is None else {"keep_alive": keep_alive})}
    await _hold(server, body, embeds=embeds)


async def unload(server: Server, model: str) -> None:
    """This will free a model's memory as soon as nobody waits for an answer of it.

    Raises:
        ModelError
    """
    # Asked to keep it no longer, even a model that only embeds does not refuse this; it is told at once.
    await _hold(server, {"model": model, "keep_alive": 0}, embeds=False, timeout_s=server.timeouts.answer_s)


async def has_file(server: Server, digest: str) -> bool:
    """This will tell whether the server has a file; `digest` is `sha256:` and 64 hexadecimal digits."""
    try:
        await _tell(server, "HEAD", f"/api/blobs/{digest}", None)
    except ModelError:
        return False
    return True


async def send_file(server: Server, digest: str, file: IO[bytes]) -> None:
    """This will bring a file to the server, whose SHA-256 `digest` names.

    Raises:
        ModelError
    """
    response = await open_answer(server, f"/api/blobs/{digest}", file, timeout_s=_SEND_S)
    response.close()


async def _hold(server: Server, body: dict[str, Any], *, embeds: bool, timeout_s: float = _LOAD_S) -> None:
    # A model that only embeds refuses to generate, even nothing.
    path = "/api/embed" if embeds else "/api/generate"
    rest: dict[str, Any] = {"input": []} if embeds else {"stream": False}
    await fetch(server, "POST", path, _loaded, {**body, **rest}, timeout_s=timeout_s)


async def _tell(server: Server, method: str, path: str, body: dict[str, Any] | None) -> None:
    response = await open_answer(server, path, body, method=method, timeout_s=server.timeouts.answer_s)
    response.close()
    # Its end is awaited by nobody, but the connection wants a turn of the loop to close.
    await asyncio.sleep(0)


def _size(told: int) -> int:
    return min(max(told, 0), LARGEST_BYTES)


def _word(text: str | None) -> str:
    return clean_text(" ".join((text or "").split()))[:100]


def _text(text: str | None) -> str:
    return clean_text(text or "").strip()[:_TEXT_CHARS]


def _time(text: str) -> datetime | None:
    """Go's times have nine digits behind the second, and tell a year past 2200 for what stays for ever."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
