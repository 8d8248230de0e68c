"""Calls hold back what they may use and are charged what they did use, exactly once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone, translation

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject, Charge, Estimate, Hold, Spender
from apps.accounts.engine.budgets import Rule, window_of
from apps.accounts.ledger import holding, settling, states
from apps.accounts.ledger.errors import BudgetExceeded
from apps.accounts.ledger.expiring import charge_expired
from apps.accounts.ledger.holding import Wanted, write_holds
from apps.accounts.ledger.rules import forget_rules, rule_of, rules_of
from apps.accounts.models import Budget, BudgetWindow, LedgerEntry, UsageDay
from apps.accounts.models import Hold as HoldRow
from apps.accounts.services.budgets import add_budget
from olympus.kernel.actor import Actor
from olympus.kernel.db import in_thread
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)


def spender_of(actor: Actor) -> Spender:
    return Spender(actor.organization_id, actor.user_id)


def budget(
    who: Someone, limit: int, *, metric: BudgetMetric = BudgetMetric.TOKENS, period: BudgetPeriod = BudgetPeriod.DAY
) -> Budget:
    return Budget.objects.create(
        organization_id=who.actor.organization_id,
        subject=BudgetSubject.EVERYBODY.value,
        metric=metric.value,
        period=period.value,
        limit=limit,
    )


def chat(tokens: int = 100, **more: object) -> Charge:
    return Charge(kind="chat", door="gateway", model="small", provider="Here", input_tokens=tokens, **more)  # type: ignore[arg-type]


async def test_without_a_budget_nothing_is_held(owner: Someone) -> None:
    assert await holding.hold(spender_of(owner.actor), Estimate(1000)) is None


async def test_what_is_held_is_given_back_and_what_was_used_is_charged(owner: Someone) -> None:
    spender = spender_of(owner.actor)
    await in_thread(budget, owner, 1000)

    held = await holding.hold(spender, Estimate(400))
    (before,) = await in_thread(states.budgets_for, spender)
    await settling.settle(spender, chat(150), held)
    (after,) = await in_thread(states.budgets_for, spender)

    assert (before.used, before.held, before.left) == (0, 400, 600)
    assert (after.used, after.held, after.left) == (150, 0, 850)
    entry = await in_thread(LedgerEntry.objects.get)
    assert held is not None
    assert (entry.pk, entry.input_tokens, entry.model) == (held.id, 150, "small")
    assert not await in_thread(HoldRow.objects.exists)


async def test_what_does_not_fit_is_refused_in_words_and_holds_nothing(owner: Someone) -> None:
    spender = spender_of(owner.actor)
    await in_thread(budget, owner, 1000)
    await holding.hold(spender, Estimate(700))

    with pytest.raises(BudgetExceeded) as refusal:
        await holding.hold(spender, Estimate(301))

    assert (refusal.value.left, refusal.value.limit) == (300, 1000)
    assert "300 tokens left" in refusal.value.message
    assert 0 < (refusal.value.retry_after_s or 0) <= 86400
    assert (await in_thread(BudgetWindow.objects.get)).held == 700


async def test_two_hundred_calls_at_once_overspend_by_nothing(owner: Someone) -> None:
    spender = spender_of(owner.actor)
    await in_thread(budget, owner, 10_050)

    outcomes = await asyncio.gather(*(holding.hold(spender, Estimate(100)) for _ in range(200)), return_exceptions=True)

    assert sum(isinstance(outcome, Hold) for outcome in outcomes) == 100
    assert sum(isinstance(outcome, BudgetExceeded) for outcome in outcomes) == 100
    assert (await in_thread(BudgetWindow.objects.get)).held == 10_000


def test_two_hundred_connections_at_once_overspend_by_nothing(owner: Someone) -> None:
    spender = spender_of(owner.actor)
    budget(owner, 10_050)
    budget(owner, 10**9, metric=BudgetMetric.COST, period=BudgetPeriod.MONTH)
    rules = rules_of(spender.organization_id)

    def one(number: int) -> bool:
        try:
            order = rules if number % 2 else tuple(reversed(rules))
            (outcome,) = write_holds([Wanted(spender, Estimate(100, 10), order)])
            return isinstance(outcome, Hold)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        taken = list(threads.map(one, range(200)))

    assert sum(taken) == 100
    assert sorted(BudgetWindow.objects.values_list("held", flat=True)) == [1000, 10_000]


def test_settling_and_holding_from_many_connections_never_waits_in_a_ring(owner: Someone, member: Someone) -> None:
    for metric in BudgetMetric:
        for period in BudgetPeriod:
            budget(owner, 10**9, metric=metric, period=period)
    people = [spender_of(owner.actor), spender_of(member.actor)]
    rules = rules_of(people[0].organization_id)

    def one(number: int) -> None:
        try:
            batch = [Wanted(spender, Estimate(10, 10), rules) for spender in people]
            holds = write_holds(batch if number % 2 else batch[::-1])
            settlements = [
                settling.Settlement(hold.id, spender, chat(7, cost_nanousd=3), True, timezone.now())
                for hold, spender in zip(holds, people if number % 2 else people[::-1], strict=True)
                if isinstance(hold, Hold)
            ]
            settling.write_settlements(settlements[::-1])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(one, range(40)))

    assert set(BudgetWindow.objects.values_list("held", flat=True)) == {0}
    assert sorted(BudgetWindow.objects.values_list("used", flat=True)) == [40] * 4 + [120] * 4 + [280] * 4
    assert sum(UsageDay.objects.values_list("requests", flat=True)) == 80


async def test_an_entry_sent_again_is_charged_once(owner: Someone) -> None:
    spender = spender_of(owner.actor)
    await in_thread(budget, owner, 1000)
    held = await holding.hold(spender, Estimate(400))

    for _ in range(3):
        await settling.settle(spender, chat(150), held)

    assert await in_thread(LedgerEntry.objects.count) == 1
    assert (await in_thread(BudgetWindow.objects.get)).used == 150
    assert (await in_thread(UsageDay.objects.get)).requests == 1


async def test_a_call_nobody_settled_is_charged_at_its_estimate_once(owner: Someone) -> None:
    spender = spender_of(owner.actor)
    await in_thread(budget, owner, 1000)
    held = await holding.hold(spender, Estimate(400, 77))

    early = await in_thread(charge_expired, now=timezone.now() + timedelta(minutes=14))
    late = await in_thread(charge_expired, now=timezone.now() + timedelta(minutes=16))
    again = await in_thread(charge_expired, now=timezone.now() + timedelta(minutes=16))
    await settling.settle(spender, chat(150), held)

    assert (early, late, again) == (0, 1, 0)
    entry = await in_thread(LedgerEntry.objects.get)
    assert (entry.state, entry.input_tokens, entry.cost_nanousd, entry.is_estimated) == ("lost", 400, 77, True)
    window = await in_thread(BudgetWindow.objects.get)
    assert (window.used, window.held) == (400, 0)


async def test_a_process_that_lives_renews_what_it_holds(owner: Someone) -> None:
    await in_thread(budget, owner, 1000)
    held = await holding.hold(spender_of(owner.actor), Estimate(400))
    await in_thread(HoldRow.objects.update, expires_at=timezone.now() - timedelta(seconds=1))

    await in_thread(holding.open_holds.renew)

    assert held is not None
    assert await in_thread(charge_expired, now=timezone.now()) == 0


async def test_who_goes_away_while_it_is_held_gets_it_back(owner: Someone) -> None:
    await in_thread(budget, owner, 1000)
    await holding.rules_concerning(spender_of(owner.actor))

    task = asyncio.create_task(holding.hold(spender_of(owner.actor), Estimate(400)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await in_thread(holding.writer.drain)
    await in_thread(settling.writer.drain)

    assert (await in_thread(BudgetWindow.objects.get)).held == 0
    assert not await in_thread(HoldRow.objects.exists)


async def test_a_budget_set_at_noon_counts_the_morning(owner: Someone) -> None:
    spender = spender_of(owner.actor)
    await settling.settle(spender, chat(800), None)
    await in_thread(budget, owner, 1000)
    forget_rules()

    (state,) = await in_thread(states.budgets_for, spender)
    with pytest.raises(BudgetExceeded) as refusal:
        await holding.hold(spender, Estimate(201))

    assert state.used == 800
    assert refusal.value.left == 200


async def test_a_call_that_began_without_a_budget_counts_for_one_set_meanwhile(owner: Someone, member: Someone) -> None:
    held = await holding.hold(spender_of(owner.actor), Estimate(400))
    each = {"subject": BudgetSubject.ORGANIZATION, "metric": BudgetMetric.TOKENS, "period": BudgetPeriod.DAY}
    await in_thread(add_budget, owner.actor, limit=1000, **each)
    await holding.hold(spender_of(member.actor), Estimate(100))
    forget_rules()

    await settling.settle(spender_of(owner.actor), chat(300), held)

    window = await in_thread(BudgetWindow.objects.get)
    assert held is None
    assert (window.used, window.held) == (300, 100)


async def test_a_call_that_holds_of_one_budget_counts_for_another_set_meanwhile(owner: Someone) -> None:
    spender = spender_of(owner.actor)
    first = await in_thread(budget, owner, 1000)
    held = await holding.hold(spender, Estimate(400))
    second = await in_thread(budget, owner, 5, metric=BudgetMetric.REQUESTS)
    forget_rules()
    other = await holding.hold(spender, Estimate(100))

    await settling.settle(spender, chat(300), held)
    await settling.settle(spender, chat(50), other)

    windows = {window.budget_id: window for window in await in_thread(list, BudgetWindow.objects.all())}
    assert (windows[first.pk].used, windows[first.pk].held) == (350, 0)
    assert (windows[second.pk].used, windows[second.pk].held) == (2, 0)


async def test_a_call_whose_hold_the_database_lost_counts_all_the_same(owner: Someone) -> None:
    spender = spender_of(owner.actor)
    await in_thread(budget, owner, 1000)
    held = await holding.hold(spender, Estimate(400))
    await in_thread(HoldRow.objects.all().delete)
    await in_thread(BudgetWindow.objects.update, held=0)

    await settling.settle(spender, chat(150), held)

    window = await in_thread(BudgetWindow.objects.get)
    assert (window.used, window.held) == (150, 0)


@pytest.mark.parametrize("period", BudgetPeriod)
def test_a_call_over_midnight_counts_once_on_the_day_it_began(owner: Someone, period: BudgetPeriod) -> None:
    spender = spender_of(owner.actor)
    rules = (rule_of(budget(owner, 1000, period=period)),)
    (held,) = write_holds([Wanted(spender, Estimate(400), rules)])
    assert isinstance(held, Hold)
    began, ended = timezone.now(), timezone.now() + timedelta(days=32)

    settling.write_settlements([settling.Settlement(held.id, spender, chat(150), True, ended)])
    after = states.budgets_for(spender, now=ended)

    assert [(window.used, window.held) for window in BudgetWindow.objects.all()] == [(150, 0)]
    assert UsageDay.objects.get().day == began.astimezone(UTC).date()
    assert [(state.used, state.left) for state in after] == [(0, 1000)]


async def test_a_refusal_speaks_the_language_of_who_asked(owner: Someone) -> None:
    await in_thread(budget, owner, 10)

    with translation.override("de"), pytest.raises(BudgetExceeded) as refusal:
        await holding.hold(spender_of(owner.actor), Estimate(2000))

    assert "Ihr Budget" in refusal.value.message


async def test_sums_of_the_day_are_those_of_the_entries(owner: Someone, member: Someone) -> None:
    calls = [chat(10, output_tokens=5, ttft_ms=40, latency_ms=100, cost_nanousd=3), chat(20, state="error")]
    calls += [chat(0, cache="exact", cached_tokens=30)]

    await asyncio.gather(*(settling.settle(spender_of(owner.actor), call, None) for call in calls))
    await settling.settle(spender_of(member.actor), chat(7), None)

    day = await in_thread(UsageDay.objects.get, owner_id=owner.actor.user_id)
    assert (day.requests, day.errors, day.cache_hits) == (3, 1, 1)
    assert (day.input_tokens, day.output_tokens, day.cached_tokens) == (30, 5, 30)
    assert (day.ttft_ms, day.ttft_count, day.latency_ms, day.cost_nanousd) == (40, 1, 100, 3)
    assert (await in_thread(UsageDay.objects.get, owner_id=member.actor.user_id)).requests == 1


async def test_wild_counts_and_texts_are_cut_to_what_can_be_stored(owner: Someone) -> None:
    call = Charge(
        kind="chat", door="gateway", model="m\x00" * 300, input_tokens=10**30, output_tokens=-5, cost_nanousd=10**40
    )

    await settling.settle(spender_of(owner.actor), call, None)

    entry = await in_thread(LedgerEntry.objects.get)
    assert (entry.input_tokens, entry.output_tokens, entry.cost_nanousd) == (2**31 - 1, 0, 10**15)
    assert entry.model == "m�" * 100


async def test_one_who_was_removed_costs_the_others_nothing(owner: Someone) -> None:
    gone = Spender(owner.actor.organization_id, uuid4())

    await asyncio.gather(
        settling.settle(gone, chat(), None),
        settling.settle(spender_of(owner.actor), chat(), None),
    )

    assert await in_thread(LedgerEntry.objects.count) == 1


def test_a_budget_that_is_gone_stops_nobody(owner: Someone) -> None:
    spender = spender_of(owner.actor)
    rule = Rule(uuid4(), BudgetSubject.EVERYBODY, None, None, BudgetMetric.TOKENS, BudgetPeriod.DAY, 0)

    (outcome,) = write_holds([Wanted(spender, Estimate(10), (rule,))])

    assert isinstance(outcome, Hold)
    assert window_of(rule, spender, timezone.now()).subject_id == spender.user_id


async def test_the_share_left_is_that_of_the_tightest(owner: Someone) -> None:
    spender = spender_of(owner.actor)
    none = await states.remaining(spender)
    await in_thread(budget, owner, 1000)
    await in_thread(budget, owner, 10, metric=BudgetMetric.REQUESTS)
    forget_rules()

    await settling.settle(spender, chat(250), None)

    assert none == 1.0
    assert await states.remaining(spender) == 0.75
