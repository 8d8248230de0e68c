"""What was used, summed from the days and never from the entries, which may be millions."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from apps.accounts.ledger.access import check_sees_all
from apps.accounts.models import ApiKey, LedgerEntry, UsageDay, User
from olympus.kernel.actor import Actor

# Names past these say little and make a page long.
_MOST_ROWS = 50


@dataclass(frozen=True, slots=True)
class Sums:
    """Calls added up; times are of all calls together."""

    requests: int = 0
    errors: int = 0
    cache_hits: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_nanousd: int = 0
    gpu_ms: int = 0
    latency_ms: int = 0
    ttft_ms: int = 0
    ttft_count: int = 0

    @property
    def tokens(self) -> int:
        """Read and written."""
        return self.input_tokens + self.output_tokens

    @property
    def mean_ttft_ms(self) -> int | None:
        """The mean time to the first word."""
        return round(self.ttft_ms / self.ttft_count) if self.ttft_count else None

    @property
    def mean_latency_ms(self) -> int | None:
        """The mean time of a whole call."""
        return round(self.latency_ms / self.requests) if self.requests else None

    @property
    def cache_share(self) -> float:
        """The share of calls answered from the cache, from 0 to 1."""
        return self.cache_hits / self.requests if self.requests else 0.0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, name) + getattr(other, name) for name in _SUMS))


_SUMS = tuple(field.name for field in fields(Sums))


@dataclass(frozen=True, slots=True)
class Use:
    """Sums of one model, person, key, kind of call or day; `detail` is a model's server or a person's address."""

    name: str
    sums: Sums
    detail: str = ""
    id: UUID | None = None
    day: date | None = None


Days = QuerySet[UsageDay]


def days_of_actor(actor: Actor, *, since: date) -> Days:
    """This will select the sums of the actor's own calls and their keys'."""
    return UsageDay.objects.filter(
        organization_id=actor.organization_id, owner_id=actor.user_id, day__gte=since
    ).order_by()


def days_of_all(actor: Actor, *, since: date) -> Days:
    """This will select the sums of everybody's calls.

    Raises:
        Denied: the actor administers nothing.
    """
    check_sees_all(actor)
    return UsageDay.objects.filter(organization_id=actor.organization_id, day__gte=since).order_by()


def first_day(now: datetime, days: int) -> date:
    """This will give the first of the last `days` days, today among them, in UTC."""
    return now.astimezone(UTC).date() - timedelta(days=days - 1)


def by_day(rows: Days) -> list[Use]:
    """This will sum by day, the oldest first; days without calls are left out."""
    return _summed(rows, ("day",), lambda row: {"name": row["day"].isoformat(), "day": row["day"]}, order="day")


def by_model(rows: Days) -> list[Use]:
    """This will sum by model and the server that answered, what took most tokens first."""
    return _summed(rows, ("model", "provider"), lambda row: {"name": row["model"], "detail": row["provider"]})


def by_person(rows: Days) -> list[Use]:
    """This will sum by person, what took most tokens first."""
    uses = _summed(rows, ("owner_id",), lambda row: {"name": "", "id": row["owner_id"]})
    found = User.objects.filter(pk__in=[use.id for use in uses]).values_list("pk", "name", "email")
    return _named(uses, {pk: (name or email, email) for pk, name, email in found})


def by_key(rows: Days) -> list[Use]:
    """This will sum by API key, what took most tokens first; calls without a key are left out."""
    uses = _summed(rows.exclude(api_key=None), ("api_key_id",), lambda row: {"name": "", "id": row["api_key_id"]})
    found = ApiKey.objects.filter(pk__in=[use.id for use in uses]).values_list("pk", "name", "owner__email")
    return _named(uses, {pk: (name, email) for pk, name, email in found})


def _named(uses: list[Use], names: dict[UUID, tuple[str, str]]) -> list[Use]:
    return [
        replace(use, name=names[use.id][0], detail=names[use.id][1])
        for use in uses
        if use.id in names  # else it was removed in between, with its sums
    ]


def by_kind(rows: Days) -> list[Use]:
    """This will sum by kind of call and the door it came by."""
    return _summed(rows, ("kind", "door"), lambda row: {"name": row["kind"], "detail": row["door"]})


# Names are looked up for what is left, not joined: sums of a hundred thousand wide rows took half a second.
def _summed(
    rows: Days, keys: tuple[str, ...], present: Callable[[dict[str, Any]], dict[str, Any]], *, order: str = "-spent"
) -> list[Use]:
    sums = {f"s_{name}": Sum(name) for name in _SUMS}
    found = rows.values(*keys).annotate(**sums, spent=Sum("input_tokens") + Sum("output_tokens"))
    chosen = found.order_by(order, *keys)
    if order == "-spent":
        chosen = chosen[:_MOST_ROWS]
    return [Use(sums=Sums(*(row[f"s_{name}"] for name in _SUMS)), **present(row)) for row in chosen]


def total(uses: list[Use]) -> Sums:
    """This will add up."""
    return sum((use.sums for use in uses), Sums())


def entries_of_actor(actor: Actor) -> "QuerySet[LedgerEntry]":
    """This will select the actor's own calls and their keys'."""
    return LedgerEntry.objects.filter(organization_id=actor.organization_id, owner_id=actor.user_id)


def entries_of_all(actor: Actor) -> "QuerySet[LedgerEntry]":
    """This will select everybody's calls.

    Raises:
        Denied: the actor administers nothing.
    """
    check_sees_all(actor)
    return LedgerEntry.objects.filter(organization_id=actor.organization_id)
