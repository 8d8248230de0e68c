"""The proof that a server does what it says: a tiny real call for each ability, made only when somebody asked for it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from django.utils.translation import gettext as _

from apps.inference.addresses import base_url_for
from apps.inference.clients import client_for_kind, client_of_provider
from apps.inference.contracts import (
    Capability,
    ChatMessage,
    ChatRequest,
    ChatRole,
    ModelClient,
    ModelInfo,
    ProviderKind,
    Sampling,
    ToolCallRequested,
    ToolSpec,
)
from apps.inference.engine.wire import Timeouts
from apps.inference.models import Provider
from apps.inference.services import Listing, store_listing
from olympus.kernel.errors import NotFound, OlympusError
from olympus.kernel.http import run_alone

# A model that is not in memory is loaded for its proof; past this a person would think that it hangs.
_TIMEOUTS = Timeouts(connect_s=3.0, first_token_s=90.0, idle_s=30.0, answer_s=30.0)
_DEADLINE_S = 120.0
# Enough for a call of the tool below, too few to write anything.
_MOST_TOKENS = 48
_TOOL = ToolSpec(
    "current_time",
    "Tells the time.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One ability and whether the server showed it; `detail` says why not."""

    ability: str
    model: str
    has_passed: bool
    took_ms: int
    detail: str = ""


def prove_server(organization_id: UUID, provider_id: UUID) -> list[Shown]:
    """This will have a server list its models and show what they can do, in two minutes at most.

    Raises:
        NotFound: there is no such provider.
    """
    provider = Provider.objects.filter(organization_id=organization_id, pk=provider_id).first()
    if provider is None:
        raise NotFound(_("There is no such provider (any more)."))
    client = client_of_provider(provider, timeouts=_TIMEOUTS)
    listing, shown = run_alone(lambda: _prove(client, ()))
    store_listing(provider, listing)
    return shown


def prove_address(kind: ProviderKind, base_url: str, *, infos: Sequence[ModelInfo] = ()) -> list[Shown]:
    """This will have a server that is no provider show what it can do, without a key; nothing is stored.

    `infos` are what is known of its models, for servers that do not tell what they can do.

    Raises:
        Invalid, AddressRefused: the address cannot be used.
    """
    client = client_for_kind(kind, base_url_for(kind, base_url), "", timeouts=_TIMEOUTS)
    return run_alone(lambda: _prove(client, infos))[1]


async def _prove(client: ModelClient, known: Sequence[ModelInfo]) -> tuple[Listing, list[Shown]]:
    began = monotonic()
    try:
        infos = await client.list_models()
    except OlympusError as error:
        return Listing(None, error.message, error), [_shown("models", "", began, error.message)]
    shown = [_shown("models", "", began)]
    for ability, model, call in _plan(client, known or infos):
        left = _DEADLINE_S - (monotonic() - began)
        shown.append(await _try(ability, model, call, left))
        if not shown[-1].has_passed and ability == Capability.CHAT:
            break
    return Listing(infos), shown


Call = Callable[[], Awaitable[None]]


def _plan(client: ModelClient, infos: Sequence[ModelInfo]) -> list[tuple[str, str, Call]]:
    """Which model shows what: one in memory first, then the smallest, so that the proof costs least."""
    ordered = sorted(infos, key=lambda info: (not info.is_loaded, info.size_bytes or 0))
    plan: list[tuple[str, str, Call]] = []
    for ability, make in ((Capability.CHAT, _chat), (Capability.TOOLS, _call_tool), (Capability.EMBEDDINGS, _embed)):
        model = next((info.name for info in ordered if ability in info.capabilities), None)
        if model:
            plan.append((ability.value, model, make(client, model)))
    return plan


def _chat(client: ModelClient, model: str) -> Call:
    async def call() -> None:
        async for _event in client.stream(_request(model, "Say OK.", 4)):
            pass

    return call


def _call_tool(client: ModelClient, model: str) -> Call:
    async def call() -> None:
        request = _request(model, "What time is it in Athens? Use the tool.", _MOST_TOKENS, (_TOOL,))
        async for event in client.stream(request):
            if isinstance(event, ToolCallRequested):
                return
        raise NotFound(_("It was offered a tool and did not use it."))

    return call


def _embed(client: ModelClient, model: str) -> Call:
    async def call() -> None:
        await client.embed(model, ["Olympus"])

    return call


def _request(model: str, text: str, most_tokens: int, tools: tuple[ToolSpec, ...] = ()) -> ChatRequest:
    sampling = Sampling(temperature=0.0, max_tokens=most_tokens)
    return ChatRequest(model, (ChatMessage(ChatRole.USER, text),), tools=tools, sampling=sampling)


async def _try(ability: str, model: str, call: Call, left_s: float) -> Shown:
    began = monotonic()
    try:
        async with asyncio.timeout(max(0.0, left_s)):
            await call()
    except TimeoutError:
        return _shown(ability, model, began, _("It took too long."))
    except OlympusError as error:
        return _shown(ability, model, began, error.message)
    return _shown(ability, model, began)


def _shown(ability: str, model: str, began: float, detail: str = "") -> Shown:
    return Shown(ability, model, not detail, round((monotonic() - began) * 1000), detail[:300])
