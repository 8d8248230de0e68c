"""What a team has of servers, keys, limits, prices and use after some weeks; part of the seed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from apps.accounts import facade as accounts
from apps.accounts.models import ApiKey, Budget, BudgetWindow, Hold, LedgerEntry, UsageDay, User
from apps.accounts.rates.counting import count as count_request
from apps.accounts.services.keys import create_api_key, revoke_api_key
from apps.accounts.services.limits import store_rate_limit
from apps.inference.caching import tally
from apps.inference.contracts import Capability, ModelInfo
from apps.inference.models import Origin, Price, Provider, SemanticAnswer, Tier, catalog_of
from olympus.kernel.actor import Actor, Scope

_LONG_NAME = "nightly-summaries-of-all-support-conversations-for-the-board"
_LONG_MODEL = "hf.co/bartowski/Meta-Llama-3.1-70B-Instruct-abliterated-GGUF:Q4_K_M"
_MODELS = ("atlas:70b", "minor:7b", _LONG_MODEL)
_BILLION = 10**9
_DAYS = 28
# Nobody is looked for at this port.
_NOWHERE = "http://127.0.0.1:9"


def seed_pool(actor: Actor, servers: dict[str, str]) -> dict[str, str]:
    """This will add servers in several states, keys, limits, prices and use; `servers` are the addresses that answer."""
    provider = _servers(actor, servers)
    keys = _keys(actor)
    _used(actor, keys)
    _limits(actor, keys)
    _settings(actor, provider)
    return {"provider": str(provider.pk), "key": str(keys[0].pk), "price": str(Price.objects.earliest("id").pk)}


def use_up_requests(email: str) -> None:
    """This will have a person ask as often as they may in an hour."""
    actor = accounts.actor_by_email(email)
    subjects = accounts.rate_subjects(actor, address=None)
    while count_request(subjects).is_allowed:
        pass


def _servers(actor: Actor, servers: dict[str, str]) -> Provider:
    """One that shares a model with the first, one that refuses, one that is away, one that is off, one without models."""
    own, now = {"organization_id": actor.organization_id, "added_by_id": actor.user_id}, timezone.now()
    chat = frozenset({Capability.CHAT})
    names = ["fake:latest", _LONG_MODEL, *(f"team-model-{number}:8b-instruct" for number in range(1, 9))]
    busy = Provider.objects.create(
        **own, name="The GPU box in the cellar, behind the second door", kind="ollama", base_url=servers["second"], priority=20,
        weight=60, catalog=catalog_of([ModelInfo(name, chat) for name in names]), checked_at=now,
    )  # fmt: skip
    Provider.objects.create(
        **own, name="OpenAI", kind="openai", base_url=servers["refusing"], api_key="sk-of-last-year", priority=30,
        catalog=catalog_of([ModelInfo("gpt-4o-mini", chat)]), checked_at=now,
    )  # fmt: skip
    Provider.objects.create(
        **own, name="Old workstation", kind="ollama", base_url=_NOWHERE, priority=40, origin=Origin.FOUND,
        catalog=catalog_of([ModelInfo("minor:7b", chat)]), checked_at=now, last_error="It cannot be reached.",
    )  # fmt: skip
    Provider.objects.create(**own, name="Spare", kind="openai", base_url=f"{_NOWHERE}/v1", is_enabled=False)
    Provider.objects.create(**own, name="New and empty", kind="ollama", base_url=servers["empty"], priority=50)
    return busy


def _keys(actor: Actor) -> list[ApiKey]:
    now, both = timezone.now(), [Scope.READ, Scope.WRITE]
    named = [
        create_api_key(actor=actor, name=_LONG_NAME, scopes=both, allowed_models=_MODELS, expires_at=now + timedelta(days=90))[0],
        create_api_key(actor=actor, name="Editor", scopes=[Scope.READ])[0],
        create_api_key(actor=actor, name="Last year's import", scopes=[*both, Scope.ADMIN])[0],
        create_api_key(actor=actor, name="Leaked", scopes=both)[0],
    ]  # fmt: skip
    ApiKey.objects.filter(pk=named[0].pk).update(last_used_at=now - timedelta(minutes=7))
    ApiKey.objects.filter(pk=named[2].pk).update(
        created_at=now - timedelta(days=110), expires_at=now - timedelta(days=20)
    )
    revoke_api_key(actor=actor, key_id=named[3].pk)
    return named


def _used(actor: Actor, keys: list[ApiKey]) -> None:
    viewer = User.objects.get(email="viewer@example.test")
    UsageDay.objects.bulk_create(
        [_day(actor, day, viewer) for day in range(_DAYS)]
        + [_day(actor, day, api_key_id=keys[day % 2].pk, door="gateway", model=_LONG_MODEL) for day in range(0, _DAYS, 3)]
    )  # fmt: skip
    organization_id, now = actor.organization_id, timezone.now()
    own = {"organization_id": organization_id, "owner_id": actor.user_id}
    states: list[dict[str, Any]] = [
        {"state": "complete", "cost_nanousd": 4_210_000, "ttft_ms": 340, "latency_ms": 2900, "output_tokens": 412},
        {"state": "error", "error_code": "provider_unreachable", "latency_ms": 12_000, "provider": "Old workstation"},
        {"state": "complete", "cache": "semantic", "ttft_ms": 3, "latency_ms": 4, "output_tokens": 180},
        {"state": "complete", "model": _LONG_MODEL, "api_key_id": keys[0].pk, "door": "gateway", "tier": "powerful",
         "cost_nanousd": 1_234 * _BILLION, "input_tokens": 1_204_876, "output_tokens": 98_412, "gpu_ms": 5_400_000},
    ]  # fmt: skip
    for each in states:
        values = {
            "kind": "chat",
            "door": "chat",
            "model": "atlas:70b",
            "provider": "Ollama",
            "input_tokens": 1840,
            **each,
        }
        LedgerEntry.objects.create(**own, **values, run_id=uuid4(), created_at=now)


def _day(actor: Actor, day: int, viewer: User | None = None, **more: Any) -> UsageDay:
    is_viewer = viewer is not None and day % 4 == 1
    return UsageDay(
        organization_id=actor.organization_id, owner_id=viewer.pk if viewer and is_viewer else actor.user_id,
        day=(timezone.now() - timedelta(days=day)).date(),
        **{"kind": "chat", "door": "chat", "model": "atlas:70b" if day % 3 else "minor:7b", **more},
        provider="Ollama", requests=3 + day % 7, cache_hits=day % 2, errors=int(day == 3), input_tokens=90_000 + 37_000 * (day % 5),
        output_tokens=4000 + 900 * day, gpu_ms=90_000, cost_nanousd=120_000_000 * (day % 4), latency_ms=9000, ttft_ms=2100,
        ttft_count=3,
    )  # fmt: skip


def _limits(actor: Actor, keys: list[ApiKey]) -> None:
    """Limits that are far, near and reached; what is reached binds nobody who is asked in a picture."""
    organization_id, today = actor.organization_id, timezone.now().date()
    limits: list[tuple[Any, int, dict[str, Any]]] = [
        (actor.user_id, 41_250, {"subject": "everybody", "metric": "tokens", "period": "day", "limit": 100_000}),
        (organization_id, 9_870_000_000, {"subject": "organization", "metric": "cost", "period": "month", "limit": 25 * _BILLION}),
        (organization_id, 31_204_876_113, {"subject": "organization", "metric": "tokens", "period": "month", "limit": 40 * _BILLION}),
        (actor.user_id, 1270, {"subject": "user", "owner_id": actor.user_id, "metric": "requests", "period": "month", "limit": 1400}),
        (keys[0].pk, 12_500_000, {"subject": "key", "api_key_id": keys[0].pk, "metric": "cost", "period": "day", "limit": 12_500_000}),
    ]  # fmt: skip
    for subject_id, used, values in limits:
        budget = Budget.objects.create(organization_id=organization_id, **values)
        starts_on = today if budget.period == "day" else today.replace(day=1)
        BudgetWindow.objects.create(budget=budget, subject_id=subject_id, starts_on=starts_on, used=used)
    Hold.objects.create(
        organization_id=organization_id, owner_id=actor.user_id, windows=[], amounts=[], tokens=9000, cost_nanousd=7_000_000,
        expires_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    store_rate_limit("member", 600, 3600)


def _settings(actor: Actor, provider: Provider) -> None:
    """Prices, a tier of one's own, and a cache that has helped."""
    organization_id = actor.organization_id
    Price.objects.create(organization_id=organization_id, pattern="atlas*", input_usd=2, output_usd=8, cached_usd="0.5")
    Price.objects.create(organization_id=organization_id, pattern="minor:7b", gpu_hour_usd="0.35")
    Price.objects.create(
        organization_id=organization_id, provider=provider, pattern=_LONG_MODEL, input_usd="1250.75", output_usd="0.000125",
        image_usd="0.04", audio_minute_usd="0.006",
    )  # fmt: skip
    Tier.objects.create(
        organization_id=organization_id, name="powerful", model_names=[_LONG_MODEL, "gone-since-spring:120b", "fake:latest"],
        memory_gb=42.5, tokens_per_s=11, uses="Contracts, plans, and what two people could not settle",
    )  # fmt: skip
    counts = {"exact": 1840, "shared": 12, "semantic": 260, "miss": 1120, "bypass": 44, "saved_tokens": 1_842_600}
    with tally._lock:
        tally._counts.update({(organization_id, field): number for field, number in counts.items()})
    tally.tell()
    SemanticAnswer.objects.create(
        organization_id=organization_id, scope="0" * 64, model="atlas:70b", embedding_model="all-minilm", dimension=3,
        vector=[0.1, 0.2, 0.3], answer={}, expires_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
