"""What a turn can be told beside its text."""

from typing import Annotated, Any, Literal

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.inference.contracts import ChatRequest, Sampling, ToolSpec
from olympus.kernel.errors import Invalid
from olympus.kernel.options import declare_option, option_value
from olympus.kernel.text import clean_data

_Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
# A schema is sent with each call; 256 KB is more than any model reads.
_MAX_SCHEMA_BYTES = 262_144


class Tool(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A tool the caller will execute itself; `parameters` is a JSON Schema object."""

    name: _Name
    description: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    parameters: dict[str, Any] = {}


class TurnOptions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Sampling, system prompt, structured output, tools; all may be left out.

    `format` is a JSON Schema the answer must follow; `temporary` begins a conversation
    that is never written to the database.
    """

    temperature: Annotated[float, msgspec.Meta(ge=0, le=5)] | None = None
    top_p: _Fraction | None = None
    top_k: Annotated[int, msgspec.Meta(ge=1, le=1000)] | None = None
    seed: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    max_tokens: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    stop: Annotated[list[Annotated[str, msgspec.Meta(min_length=1, max_length=200)]], msgspec.Meta(max_length=16)] = []
    think: bool | None = None
    format: dict[str, Any] | None = None
    system: Annotated[str, msgspec.Meta(max_length=100_000)] | None = None
    tools: Annotated[list[Tool], msgspec.Meta(max_length=128)] = []
    temporary: bool = False

    def sampling(self) -> Sampling:
        """This will give the part the model server samples with."""
        return Sampling(self.temperature, self.top_p, self.top_k, self.seed, self.max_tokens, tuple(self.stop))


def stored_options(options: TurnOptions) -> dict[str, Any]:
    """This will give the options as they are stored with the run and the message.

    Raises:
        Invalid: the schema or the tools are too large, or nested too deeply.
    """
    try:
        data: dict[str, Any] = clean_data(msgspec.to_builtins(options))
        size_bytes = len(msgspec.json.encode(data))
    except RecursionError as error:
        raise Invalid(_("The options are nested too deeply."), field="options") from error
    if size_bytes > _MAX_SCHEMA_BYTES:
        raise Invalid(_("The options are larger than 256 KB. Shorten the schema or the tools."), field="options")
    return data


def read_options(data: Any) -> TurnOptions:
    """This will read stored options back."""
    return msgspec.convert(data, TurnOptions)


def with_options(request: ChatRequest, options: TurnOptions) -> ChatRequest:
    """This will put the options into a request."""
    tools = tuple(ToolSpec(tool.name, tool.description, tool.parameters) for tool in options.tools)
    return ChatRequest(
        model=request.model,
        messages=request.messages,
        tools=tools,
        response_schema=options.format,
        sampling=options.sampling(),
        think=options.think,
        context_length=request.context_length,
        keep_alive=request.keep_alive,
    )


SHARING = declare_option(
    "chat.sharing",
    bool,
    default=True,
    help=gettext_lazy("People may share conversations by link with those who have no account."),
    label=gettext_lazy("Sharing by link"),
)


def may_share() -> bool:
    """This will tell whether conversations may be shared by link; links made before stay closed while they may not."""
    return bool(option_value(SHARING))


TITLES = declare_option(
    "chat.titles",
    Literal["model", "words"],
    "model",
    gettext_lazy("Where the title of a new conversation comes from."),
    label=gettext_lazy("Titles"),
    words={
        "model": gettext_lazy("the model that answered"),
        "words": gettext_lazy("the first words of the question"),
    },
)


def titles_come_from_models() -> bool:
    """This will tell whether a model names new conversations."""
    return bool(option_value(TITLES) == "model")
