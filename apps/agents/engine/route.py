"""Who answered a run and why, and where others went on, as a transcript tells it."""

from collections.abc import Mapping
from typing import Any

from apps.agents.engine.transcript import Transcript


def route_of(asked: str, transcript: Transcript) -> Mapping[str, Any] | None:
    """This will write a run's Route in plain form; None while nobody has answered."""
    told = transcript.told_state
    if "reasons" not in told:
        return None
    return {
        "asked": asked,
        "model": told.get("model") or "",
        "provider": told.get("provider") or "",
        "tier": told.get("tier") or "",
        "reasons": list(told["reasons"]),
        "cache": told.get("cache") or "",
        "switches": [dict(switch) for switch in transcript.switches],
    }


def answered_by(transcript: Transcript) -> tuple[str, str]:
    """This will name the model and the server that spoke last, '' for what is not known."""
    told = transcript.told_state
    model, provider = told.get("model") or "", told.get("provider") or ""
    for switch in transcript.switches:
        model, provider = switch.get("model") or model, switch.get("to") or provider
    return model, provider
