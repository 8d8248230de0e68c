"""What was used, for each to see and for owners of all."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject
from apps.accounts.ledger.export import entries_as_csv
from apps.accounts.ledger.usage import entries_of_actor, entries_of_all
from apps.accounts.models import Budget, BudgetWindow, LedgerEntry, UsageDay
from apps.accounts.pages.usage import usage_of_all, usage_page
from apps.accounts.services.budgets import add_budget
from apps.accounts.services.keys import create_api_key
from olympus.kernel.actor import Actor, Role, Scope
from olympus.kernel.db import in_thread
from olympus.kernel.errors import Denied
from olympus.kernel.ids import uuid7
from tests.support.cast import Someone, someone


def used(who: Someone, *, days_ago: int = 0, model: str = "small", **more: Any) -> UsageDay:
    """Store a day's sums."""
    sums = {"requests": 2, "input_tokens": 100, "output_tokens": 50, "ttft_ms": 400, "ttft_count": 2, **more}
    return UsageDay.objects.create(
        organization_id=who.actor.organization_id,
        owner_id=who.actor.user_id,
        day=datetime.now(UTC).date() - timedelta(days=days_ago),  # noqa: TID251 - the test's own clock
        kind="chat",
        door="chat",
        model=model,
        provider="Here",
        **sums,
    )


def called(who: Someone, **more: Any) -> LedgerEntry:
    """Store an entry."""
    return LedgerEntry.objects.create(
        id=uuid7(),
        organization_id=who.actor.organization_id,
        owner_id=who.actor.user_id,
        kind="chat",
        door="chat",
        state="complete",
        created_at=timezone.now(),
        **{"model": "small", "input_tokens": 10, "cost_nanousd": 1_500_000_000, **more},
    )


def limited(who: Someone, subject: str = "everybody", *, limit: int = 1000, used: int = 0) -> Budget:
    """Set a limit of which something is used."""
    budget = Budget.objects.create(
        organization_id=who.actor.organization_id, subject=subject, metric="tokens", period="day", limit=limit
    )
    subject_id = who.actor.user_id if subject == "everybody" else who.actor.organization_id
    today = timezone.now().astimezone(UTC).date()
    BudgetWindow.objects.create(budget=budget, subject_id=subject_id, starts_on=today, used=used)
    return budget


@pytest.mark.django_db
def test_tokens_are_summed_by_model_and_day(owner: Someone) -> None:
    used(owner)
    used(owner, model="large", days_ago=3, output_tokens=5000, cost_nanousd=2_000_000_000)

    page = usage_page(owner.actor, now=timezone.now())

    assert [(row.name, row.tokens_out, row.cost) for row in page.models] == [
        ("large", "5,000", "$2.00"),
        ("small", "50", "$0.00"),
    ]
    assert [bar.amount for bar in page.tokens.bars if bar.amount] == [5100, 150]
    assert page.sums.requests == 4
    assert page.sums.mean_ttft_ms == 200


@pytest.mark.django_db
def test_what_is_older_than_a_month_does_not_count(owner: Someone) -> None:
    used(owner, days_ago=30)

    assert usage_page(owner.actor, now=timezone.now()).is_empty


@pytest.mark.django_db
def test_nobody_sees_what_others_used(owner: Someone, stranger: Someone) -> None:
    used(owner)
    called(owner)
    member = someone("m@example.org", Role.MEMBER)

    assert usage_page(member.actor, now=timezone.now()).is_empty
    assert usage_of_all(stranger.actor, now=timezone.now()).is_empty
    with pytest.raises(Denied):
        usage_of_all(member.actor, now=timezone.now())
    assert Client().get("/settings/usage/").status_code == 302
    assert member.client().get("/settings/budgets/").status_code == 403
    assert member.client().get("/settings/budgets/entries.csv").status_code == 403


@pytest.mark.django_db
def test_the_page_shows_it_and_asks_little(owner: Someone, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(5):
        used(owner, model=f"small-{number}", days_ago=number)
    limited(owner, used=900)
    client = owner.client()
    client.get("/settings/usage/")

    with django_assert_num_queries(14):
        page = client.get("/settings/usage/").content.decode()

    assert "small-4" in page
    assert "900 of 1,000 tokens used" in page
    assert 'value="900" max="1000" data-kind="warning"' in page


@pytest.mark.django_db
def test_the_page_shows_the_budgets_of_ones_own_keys_alone(owner: Someone, member: Someone) -> None:
    for who, name in ((owner, "Mine"), (member, "Theirs")):
        key, _text = create_api_key(actor=who.actor, name=name, scopes=[Scope.READ])
        used(who, api_key=key, input_tokens=100, output_tokens=23)
        whose = {"subject": BudgetSubject.KEY, "api_key_id": key.pk}
        add_budget(owner.actor, metric=BudgetMetric.TOKENS, period=BudgetPeriod.DAY, limit=1000, **whose)

    page = owner.client().get("/settings/usage/").content.decode()

    assert "Mine today" in page
    assert "123 of 1,000 tokens used" in page
    assert "Theirs today" not in page


@pytest.mark.django_db
def test_the_owners_page_shows_people_and_keys_and_asks_little(
    owner: Someone, member: Someone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    key, _text = create_api_key(actor=member.actor, name="A program", scopes=[Scope.READ])
    used(member, api_key=key)
    used(owner, model="large")
    limited(member, used=500)
    limited(owner, "organization", limit=10_000)
    client = owner.client()
    client.get("/settings/budgets/")

    with django_assert_num_queries(19):
        page = client.get("/settings/budgets/").content.decode()

    assert "member@example.org" in page
    assert "A program" in page
    assert "most: Member" in page


@pytest.mark.django_db
def test_a_limit_for_each_shows_who_used_most_before_anybody_called_again(owner: Someone, member: Someone) -> None:
    used(owner)
    used(member, input_tokens=700)
    add_budget(
        owner.actor, subject=BudgetSubject.EVERYBODY, metric=BudgetMetric.TOKENS, period=BudgetPeriod.DAY, limit=1000
    )

    page = owner.client().get("/settings/budgets/").content.decode()

    assert "750 of 1,000 tokens used" in page
    assert "most: Member" in page


@pytest.mark.django_db
def test_the_pages_are_friendly_when_nothing_was_used(owner: Someone) -> None:
    assert b"Nothing used yet" in owner.client().get("/settings/usage/").content
    assert b"No limits" in owner.client().get("/settings/budgets/").content


async def _csv(actor: Actor, select: Callable[[Actor], Any]) -> list[dict[str, str]]:
    text = b"".join([piece async for piece in entries_as_csv(select(actor))]).decode()
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.django_db(transaction=True)
async def test_entries_leave_as_csv_own_for_each_and_all_for_owners(owner: Someone, member: Someone) -> None:
    await in_thread(called, owner, model="=HYPERLINK()")
    for _ in range(3):
        await in_thread(called, member)

    own = await _csv(member.actor, entries_of_actor)
    everything = await _csv(owner.actor, entries_of_all)

    assert len(own) == 3
    assert {row["person"] for row in own} == {"member@example.org"}
    assert own[0]["cost_usd"] == "1.500000000"
    assert len(everything) == 4
    assert {row["model"] for row in everything} == {"small", "'=HYPERLINK()"}


@pytest.mark.django_db(transaction=True)
async def test_a_long_ledger_leaves_whole_also_where_many_calls_ended_at_once(member: Someone) -> None:
    now = timezone.now()
    rows = [
        LedgerEntry(
            organization_id=member.actor.organization_id,
            owner_id=member.actor.user_id,
            kind="chat",
            state="complete",
            model=f"model-{number}",
            created_at=now - timedelta(seconds=number // 1500),
        )
        for number in range(4500)
    ]
    await in_thread(LedgerEntry.objects.bulk_create, rows)

    own = await _csv(member.actor, entries_of_actor)

    assert sorted(row["model"] for row in own) == sorted(row.model for row in rows)
    assert [row["time"] for row in own] == sorted((row["time"] for row in own), reverse=True)


@pytest.mark.django_db
def test_the_file_is_downloaded_and_kept_by_nobody(owner: Someone) -> None:
    response = owner.client().get("/settings/usage/entries.csv")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    assert "attachment" in response["Content-Disposition"]


@pytest.mark.django_db
def test_programs_read_sums_entries_and_their_budgets(owner: Someone, member: Someone) -> None:
    used(member)
    called(member)
    called(owner)
    limited(member, used=400)

    sums = member.client().get("/api/v1/usage?by=model").json()
    entries = member.client().get("/api/v1/usage/entries").json()
    everything = owner.client().get("/api/v1/usage/entries?scope=all&model=small").json()

    assert [(row["name"], row["output_tokens"]) for row in sums["results"]] == [("small", 50)]
    assert sums["totals"]["requests"] == 2
    assert [(budget["used"], budget["left"]) for budget in sums["budgets"]] == [(400, 600)]
    assert len(entries["results"]) == 1
    assert len(everything["results"]) == 2
    assert member.client().get("/api/v1/usage?scope=all").status_code == 403
    assert member.client().get("/api/v1/usage?days=0").status_code == 422
    assert member.client().get("/api/v1/usage?by=moon").status_code == 422
