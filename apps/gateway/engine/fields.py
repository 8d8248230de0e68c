"""What the fields of a request may hold, in any shape."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from apps.gateway.errors import BadRequest

# OpenAI's own bounds.
MAX_TOOLS = 128
Name = Annotated[str, msgspec.Meta(pattern=r"\A[a-zA-Z0-9_.-]{1,64}\Z")]
Temperature = Annotated[float, msgspec.Meta(ge=0, le=2)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Penalty = Annotated[float, msgspec.Meta(ge=-2, le=2)]
TokenLimit = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Seed = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
TopLogprobs = Annotated[int, msgspec.Meta(ge=0, le=20)]
ShortText = Annotated[str, msgspec.Meta(max_length=512)]
Schema = dict[str, Any]
# No schema a person writes is nested so deep; what works on one calls itself at each level.
_MAX_DEPTH = 100


def clean(text: str) -> str:
    """This will replace NUL, which no store takes; JSON has let no lone surrogate through."""
    return text.replace("\0", "\ufffd") if "\0" in text else text


def check_depth(value: Any, field: str) -> None:
    """This will refuse data nested deeper than what works on it can go."""
    level: list[Any] = [value]
    for _depth in range(_MAX_DEPTH):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return
    raise BadRequest("This is nested too deeply.", field=field)


def _inside(value: Any) -> Sequence[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list | tuple) else ()
