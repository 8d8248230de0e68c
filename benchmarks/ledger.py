"""The ledger with a million entries: what its pages need, what holding and settling cost, and a call without budgets.

Run: .venv/bin/python -m benchmarks.ledger [--entries 1000000] [--rounds 20]
It fills a Postgres of its own in a temporary folder: about 600 MB and a minute. That Postgres writes without waiting for
the disk, so add a disk's flush (shared by all that settle at once) to a commit.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import olympus.runtime.testing  # noqa: F401 - a database of its own, gone at the end

# isort: split
import django

django.setup()

from django.conf import settings  # noqa: E402 - after the settings are there
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from apps.accounts.contracts import Charge, Estimate, Spender  # noqa: E402
from apps.accounts.facade import actor_for_user, hold, settle  # noqa: E402
from apps.accounts.ledger.rules import forget_rules  # noqa: E402
from apps.accounts.models import Budget, Membership, Organization, User  # noqa: E402
from apps.accounts.pages.budgets import budgets_page  # noqa: E402
from apps.accounts.pages.usage import usage_page  # noqa: E402
from olympus.kernel.actor import Actor  # noqa: E402

_PEOPLE = 200
_MODELS = 20
_DAYS = 60
_ENTRIES = """
INSERT INTO accounts_ledgerentry (
  id, organization_id, owner_id, kind, door, model, provider, tier, cache, state, error_code, input_tokens,
  output_tokens, cached_tokens, is_estimated, cost_nanousd, gpu_ms, ttft_ms, latency_ms, created_at
)
SELECT gen_random_uuid(), %(organization)s, p.ids[1 + (hashint8(n) & 2147483647) %% cardinality(p.ids)], 'chat',
  CASE (hashint8(n + 3) & 2147483647) %% 3 WHEN 0 THEN 'gateway' ELSE 'chat' END, 'model-' || (hashint8(n + 1) & 2147483647) %% %(models)s,
  'server-' || (hashint8(n + 2) & 2147483647) %% 2, '',
  CASE n %% 10 WHEN 0 THEN 'exact' ELSE '' END, 'complete', '', 500 + n %% 2000, 100 + n %% 900, 0, false,
  (n %% 1000) * 10000, n %% 3000, 50 + n %% 400, 500 + n %% 5000,
  now() - (n %% (%(days)s * 86400)) * interval '1 second'
FROM generate_series(1::bigint, %(entries)s) AS n, (SELECT array_agg(id) AS ids FROM accounts_user) AS p
"""
_SUM_UP = """
INSERT INTO accounts_usageday (
  organization_id, owner_id, api_key_id, day, kind, door, model, provider, requests, errors, cache_hits,
  input_tokens, output_tokens, cached_tokens, cost_nanousd, gpu_ms, latency_ms, ttft_ms, ttft_count
)
SELECT organization_id, owner_id, api_key_id, (created_at AT TIME ZONE 'UTC')::date, kind, door, model, provider,
  count(*), 0, count(*) FILTER (WHERE cache <> ''), sum(input_tokens), sum(output_tokens), 0, sum(cost_nanousd),
  sum(gpu_ms), sum(latency_ms), sum(ttft_ms), count(*)
FROM accounts_ledgerentry GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    wanted = parser.parse_args()
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    people = _people()
    started = time.perf_counter()
    days = _fill(people[0], wanted.entries)
    print(f"{wanted.entries:,} entries and {days:,} sums of days in {time.perf_counter() - started:.0f} s", flush=True)
    _measure_pages(people[0], wanted.rounds)
    asyncio.run(_measure_calls(people))


def _people() -> list[Actor]:
    organization = Organization.objects.get_or_create(is_default=True, defaults={"name": "Olympus"})[0]
    actors = []
    for number in range(_PEOPLE):
        user = User.objects.create(email=f"p{number}@example.test", name=f"Person {number}")
        Membership.objects.create(user=user, organization=organization, role="member" if number else "owner")
        actor = actor_for_user(user)
        assert actor is not None
        actors.append(actor)
    return actors


def _fill(actor: Actor, entries: int) -> int:
    names = {"organization": actor.organization_id, "models": _MODELS, "days": _DAYS, "entries": entries}
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_ledgerentry DISABLE TRIGGER ALL")  # a million look-ups of the same people
        cursor.execute(_ENTRIES, names)
        cursor.execute("ALTER TABLE accounts_ledgerentry ENABLE TRIGGER ALL")
        cursor.execute(_SUM_UP)
        days = cursor.rowcount
        cursor.execute("VACUUM ANALYZE accounts_ledgerentry, accounts_usageday")
    return int(days)


def _measure_pages(owner: Actor, rounds: int) -> None:
    client = Client()
    client.force_login(
        User.objects.get(pk=owner.user_id), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    works: dict[str, Callable[[], object]] = {
        "a trivial query": _trivial,
        "My usage, what it reads": lambda: usage_page(owner, now=_now()),
        "Budgets, what it reads": lambda: budgets_page(owner, now=_now()),
        "My usage, the page": lambda: client.get("/settings/usage/"),
        "Budgets, the page": lambda: client.get("/settings/budgets/"),
        "50 entries of one's own": lambda: client.get("/api/v1/usage/entries"),
        "50 entries of all": lambda: client.get("/api/v1/usage/entries?scope=all"),
        "sums by person": lambda: client.get("/api/v1/usage?scope=all&by=person"),
    }
    client.get("/settings/usage/")  # a process's first request imports what all others use
    for name, work in works.items():
        times = []
        for _ in range(rounds):
            started = time.perf_counter()
            work()
            times.append(time.perf_counter() - started)
        _print(name, times)


def _trivial() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


async def _measure_calls(people: list[Actor]) -> None:
    spenders = [Spender(actor.organization_id, actor.user_id) for actor in people]
    estimate = Estimate(3000, 10_000)

    async def settled(spender: Spender) -> None:
        await settle(spender, _charge(), None)

    async def held_and_settled(spender: Spender) -> None:
        held = await hold(spender, estimate)
        await settle(spender, _charge(), held)

    async def not_held(spender: Spender) -> None:
        await hold(spender, estimate)

    await _measure("hold without a budget", not_held, spenders, at_once=1, count=2000)
    await _measure("settle, one after another", settled, spenders, at_once=1, count=200)
    await _measure("settle, 200 at once", settled, spenders, at_once=200, count=5_000)
    await asyncio.to_thread(_set_budgets, people[0])
    forget_rules()
    await _measure("hold, one after another", not_held, spenders, at_once=1, count=200)
    await _measure("hold, 200 at once", not_held, spenders, at_once=200, count=5_000)
    await _measure("hold and settle, 200 at once", held_and_settled, spenders, at_once=200, count=5_000)


def _set_budgets(owner: Actor) -> None:
    """All share one row a budget: the worst that can be asked of it."""
    for subject, metric, period in (
        ("organization", "tokens", "month"),
        ("organization", "cost", "month"),
        ("everybody", "tokens", "day"),
    ):
        Budget.objects.create(
            organization_id=owner.organization_id, subject=subject, metric=metric, period=period, limit=10**17
        )
    connection.close()


async def _measure(
    name: str, work: Callable[[Spender], Awaitable[None]], spenders: list[Spender], *, at_once: int, count: int
) -> None:
    await work(spenders[0])
    times: list[float] = []
    numbers = iter(range(count))

    async def client() -> None:
        for number in numbers:
            started = time.perf_counter()
            await work(spenders[number % len(spenders)])
            times.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(at_once)))
    _print(name, times, rate=count / (time.perf_counter() - started))


def _charge() -> Charge:
    return Charge(
        kind="chat", door="gateway", model="model-1", provider="server-1", input_tokens=500, output_tokens=200,
        cost_nanousd=1000, ttft_ms=100, latency_ms=900,
    )  # fmt: skip


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a script's own clock


def _print(name: str, times: list[float], rate: float | None = None) -> None:
    p50, p95 = statistics.median(times) * 1000, statistics.quantiles(times, n=20)[18] * 1000
    more = f"   {rate:8,.0f} a second" if rate else ""
    print(f"{name:32} p50 {p50:8.2f} ms   p95 {p95:8.2f} ms{more}", flush=True)


if __name__ == "__main__":
    main()
