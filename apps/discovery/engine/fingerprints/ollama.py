"""Ollama. Source: github.com/ollama/ollama, server/routes.go, api/types.go, types/model/capability.go."""

from collections.abc import Mapping
from typing import Any

from apps.discovery.contracts import FoundModel, ServiceKind
from apps.discovery.engine.fingerprint import Fingerprint, Reading, has
from apps.discovery.engine.listing import (
    CHAT,
    EMBEDDINGS,
    IMAGES,
    THINKING,
    TOOLS,
    VISION,
    context_of,
    fields,
    is_locked,
    items,
    named,
    rows_at,
)
from apps.discovery.engine.wire import Answer, Answers, Probe, answer_to, count_of, get, short_text

VERSION = get("/api/version")
TAGS = get("/api/tags")
RUNNING = get("/api/ps")
# Each is one request; more models than this are shown without their details.
_MOST_SHOWN = 16
_CAPABILITIES = {
    "completion": CHAT, "tools": TOOLS, "vision": VISION, "thinking": THINKING, "embedding": EMBEDDINGS, "image": IMAGES,
}  # fmt: skip


def _show(name: str) -> Probe:
    return Probe("POST", "/api/show", {"model": name}, label=name)


def _shows(answers: Answers) -> tuple[Probe, ...]:
    rows = [row for row in rows_at(answer_to(answers, TAGS), "models") if "capabilities" not in row]
    names = [short_text(row.get("name")) for row in rows[:_MOST_SHOWN]]
    return tuple(_show(name) for name in names if name)


def capabilities_in(names: Any) -> frozenset[str]:
    """This will read Ollama's names of what a model can do."""
    return frozenset(_CAPABILITIES[name] for name in items(names) if isinstance(name, str) and name in _CAPABILITIES)


def _model(row: Mapping[str, Any], running: Mapping[str, Mapping[str, Any]], answers: Answers) -> FoundModel:
    name = short_text(row.get("name"))
    show = answer_to(answers, _show(name))
    loaded = running.get(name)
    return FoundModel(
        name=name,
        capabilities=capabilities_in(row.get("capabilities") or show.at("capabilities")),
        context_length=context_of(fields(row.get("details")).get("context_length")) or _context(show),
        is_loaded=loaded is not None,
        size_bytes=count_of(row.get("size")),
        vram_bytes=count_of(loaded.get("size_vram")) if loaded else None,
    )


def _context(show: Answer) -> int | None:
    info = fields(show.at("model_info"))
    return context_of(info.get(f"{info.get('general.architecture')}.context_length"))


def models_of(answers: Answers) -> tuple[FoundModel, ...]:
    """This will read the models, with what is in memory."""
    running = {short_text(row.get("name")): row for row in rows_at(answer_to(answers, RUNNING), "models")}
    return named(_model(row, running, answers) for row in rows_at(answer_to(answers, TAGS), "models"))


def _read(answers: Answers) -> Reading:
    return Reading(
        version=short_text(answer_to(answers, VERSION).at("version"), 60),
        models=models_of(answers),
        needs_key=is_locked(answers, TAGS),
    )


FINGERPRINT = Fingerprint(
    kind=ServiceKind.OLLAMA,
    ports=(11434,),
    # LocalAI, llama.cpp and Docker Model Runner emulate parts of this; they are looked for first.
    signs=((has(VERSION, {"version": str}), has(TAGS, {"models": list}, without=("data", "object"))),),
    details=(RUNNING,),
    more=_shows,
    read=_read,
    watch=(VERSION, RUNNING),
    alive=(has(VERSION, {"version": str}),),
)
