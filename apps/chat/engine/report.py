"""The report of what went into a prompt, as it is kept with its answer; one from elsewhere is read without trust."""

from typing import Annotated, Any

import msgspec

from apps.chat.engine.prompt import PartKind

_Count = Annotated[int, msgspec.Meta(ge=0, le=2_000_000_000)]
_Label = Annotated[str, msgspec.Meta(max_length=500)]


class _Part(msgspec.Struct, kw_only=True, omit_defaults=True):
    kind: PartKind
    label: _Label
    token_count: _Count
    message_count: _Count | None = None
    is_cut: bool


class _Report(msgspec.Struct, kw_only=True):
    model: _Label
    context_length: _Count
    used: _Count
    reserved_for_answer: _Count
    parts: Annotated[list[_Part], msgspec.Meta(max_length=1000)]
    left_out_count: _Count


def checked_report(data: Any) -> dict[str, Any] | None:
    """This will give a report that can be shown, or None if it is none."""
    try:
        report: dict[str, Any] = msgspec.to_builtins(msgspec.convert(data, _Report))
    except (msgspec.ValidationError, RecursionError):
        return None
    return report
