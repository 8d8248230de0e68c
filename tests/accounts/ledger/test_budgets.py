"""Limits: who sets them, and what they may say."""

from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject
from apps.accounts.ledger.words import amount_in_words, money, parse_limit
from apps.accounts.models import Budget
from apps.accounts.pages.budgets import limit_to_edit
from apps.accounts.services.budgets import add_budget, change_budget, remove_budget, set_budget
from apps.accounts.services.keys import create_api_key
from olympus.kernel.actor import Scope
from olympus.kernel.errors import Conflict, Denied, Invalid, NotFound
from olympus.kernel.models import AuditEntry
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
A_DAY: dict[str, Any] = {
    "subject": BudgetSubject.EVERYBODY,
    "metric": BudgetMetric.TOKENS,
    "period": BudgetPeriod.DAY,
    "limit": 1000,
}


def test_a_budget_is_set_changed_and_lifted_and_the_log_knows(owner: Someone) -> None:
    budget = add_budget(owner.actor, **A_DAY)
    change_budget(owner.actor, budget_id=budget.pk, limit=5)
    remove_budget(owner.actor, budget_id=budget.pk)

    assert not Budget.objects.exists()
    actions = AuditEntry.objects.filter(action__startswith="budget").order_by("id").values_list("action", flat=True)
    assert list(actions) == ["budget.add", "budget.change", "budget.remove"]


def test_the_same_twice_is_refused(owner: Someone) -> None:
    add_budget(owner.actor, **A_DAY)

    with pytest.raises(Conflict):
        add_budget(owner.actor, **A_DAY)


def test_setting_again_changes_the_limit(owner: Someone) -> None:
    set_budget(owner.actor, **A_DAY)
    set_budget(owner.actor, **{**A_DAY, "limit": 7})

    assert Budget.objects.get().limit == 7


def test_members_set_nothing_and_strangers_find_nothing(owner: Someone, member: Someone, stranger: Someone) -> None:
    budget = add_budget(owner.actor, **A_DAY)

    with pytest.raises(Denied):
        add_budget(member.actor, **A_DAY)
    with pytest.raises(NotFound):
        change_budget(stranger.actor, budget_id=budget.pk, limit=1)


def test_it_is_for_people_and_keys_of_the_organization_alone(owner: Someone, stranger: Someone) -> None:
    theirs, _text = create_api_key(actor=stranger.actor, name="theirs", scopes=[Scope.READ])

    for whose in (
        {"subject": BudgetSubject.USER, "owner_id": stranger.actor.user_id},
        {"subject": BudgetSubject.USER, "owner_id": None},
        {"subject": BudgetSubject.KEY, "api_key_id": theirs.pk},
        {"subject": BudgetSubject.KEY, "api_key_id": uuid4()},
        {"subject": BudgetSubject.EVERYBODY, "owner_id": owner.actor.user_id},
        {"subject": BudgetSubject.USER, "owner_id": owner.actor.user_id, "api_key_id": theirs.pk},
    ):
        with pytest.raises(Invalid):
            add_budget(owner.actor, **{**A_DAY, **whose})


@pytest.mark.parametrize("limit", [-1, 10**18])
def test_a_limit_is_neither_negative_nor_beyond_counting(owner: Someone, limit: int) -> None:
    with pytest.raises(Invalid):
        add_budget(owner.actor, **{**A_DAY, "limit": limit})


@pytest.mark.parametrize(
    ("metric", "text", "amount"),
    [
        (BudgetMetric.TOKENS, "100,000", 100_000),
        (BudgetMetric.TOKENS, " 1 000 ", 1000),
        (BudgetMetric.TOKENS, "1,234,567", 1_234_567),
        (BudgetMetric.COST, "$12.50", 12_500_000_000),
        (BudgetMetric.COST, "12,50", 12_500_000_000),
        (BudgetMetric.COST, "$1,234.5", 1_234_500_000_000),
        (BudgetMetric.COST, "0.000000001", 1),
        (BudgetMetric.REQUESTS, "0", 0),
    ],
)
def test_limits_are_read_as_people_write_them(metric: BudgetMetric, text: str, amount: int) -> None:
    assert parse_limit(metric, text) == amount


@pytest.mark.parametrize(
    "text",
    ["", "x", "-1", "1.5", "1.000", "12,50", "1,2345", "1e9", "1e999999999", "NaN", "Infinity", "٣", "9" * 40, "\x00"],
)
def test_what_is_no_limit_is_refused_at_once(text: str) -> None:
    with pytest.raises(Invalid):
        parse_limit(BudgetMetric.TOKENS, text)


@pytest.mark.parametrize("text", ["1.234,50", "1,2,3", "12,345,6", ",50", "1,"])
def test_an_amount_of_money_that_could_mean_two_things_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_limit(BudgetMetric.COST, text)


@given(st.integers(0, 10**17))
def test_a_limit_of_money_is_written_as_it_is_read(limit: int) -> None:
    assert parse_limit(BudgetMetric.COST, limit_to_edit(BudgetMetric.COST, limit)) == limit


def test_amounts_are_written_with_their_unit() -> None:
    assert amount_in_words(BudgetMetric.TOKENS, 1) == "1 token"
    assert amount_in_words(BudgetMetric.REQUESTS, 2500) == "2,500 requests"
    assert [money(n) for n in (0, 12_346_000_000, 2_500_000, 1_000)] == ["$0.00", "$12.35", "$0.0025", "$0.000001"]
    with translation.override("de"):
        assert amount_in_words(BudgetMetric.TOKENS, 2500) == "2.500 Token"
        assert [money(n) for n in (1_234_500_000_000, 2_500_000)] == ["$1.234,50", "$0,0025"]


def test_the_page_sets_changes_and_lifts(owner: Someone) -> None:
    client = owner.client()
    form = {"whose": f"user:{owner.actor.user_id}", "metric": "cost", "period": "month", "limit": "$12.50"}

    client.post("/settings/budgets/add/", form)
    budget = Budget.objects.get()
    client.post(f"/settings/budgets/{budget.pk}/change/", {"limit": "13"})
    wrong = client.post(f"/settings/budgets/{budget.pk}/change/", {"limit": "-1"}, follow=True)
    shown = client.get("/settings/budgets/").content.decode()

    assert (budget.owner_id, budget.limit) == (owner.actor.user_id, 12_500_000_000)
    assert b"cannot be negative" in wrong.content
    assert 'value="13.00"' in shown
    client.post(f"/settings/budgets/{budget.pk}/remove/")
    assert not Budget.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"whose": "user:nobody", "metric": "tokens", "period": "day", "limit": "1"},
        {"whose": "everybody", "metric": "moons", "period": "day", "limit": "1"},
        {"whose": "everybody", "metric": "tokens", "period": "day", "limit": "1e99"},
        {"whose": "everybody", "metric": "tokens", "period": "day", "limit": "\x00"},
    ],
)
def test_the_page_says_what_is_wrong_with_a_form(owner: Someone, form: dict[str, str]) -> None:
    answer = owner.client().post("/settings/budgets/add/", form)

    assert answer.status_code == 422
    assert not Budget.objects.exists()


def test_programs_set_change_and_lift(owner: Someone) -> None:
    client = owner.client()
    body = {"subject": "user", "person": str(owner.actor.user_id), "metric": "requests", "period": "day", "limit": 5}

    made = client.post("/api/v1/budgets", body, content_type="application/json")
    address = made["Location"]
    changed = client.patch(address, {"limit": 6}, content_type="application/json")

    assert made.status_code == 201
    assert changed.json()["limit"] == 6
    assert client.get("/api/v1/budgets").json()["results"][0]["person"] == str(owner.actor.user_id)
    assert client.post("/api/v1/budgets", body, content_type="application/json").status_code == 409
    assert client.delete(address).status_code == 204


@pytest.mark.parametrize(
    "change", [{"limit": -1}, {"limit": 10**30}, {"limit": "5"}, {"metric": "moons"}, {"person": "me"}, {"limit": None}]
)
def test_programs_hear_what_is_wrong(owner: Someone, change: dict[str, Any]) -> None:
    body = {"subject": "everybody", "metric": "tokens", "period": "day", "limit": 1, **change}

    answer = owner.client().post("/api/v1/budgets", body, content_type="application/json")

    assert answer.status_code == 422
    assert answer.json()["field"] == next(iter(change))


def test_the_terminal_sets_and_lists(owner: Someone) -> None:
    out = StringIO()

    call_command("set_budget", "12.50", "--metric", "cost", "--user", owner.user.email, stdout=out)
    call_command("set_budget", "1000", "--each", "--period", "day", stdout=out)
    call_command("list_budgets", stdout=out)

    assert "$12.50 a month from now on" in out.getvalue()
    assert "1,000 tokens left until" in out.getvalue()
    assert Budget.objects.count() == 2
    with pytest.raises(CommandError):
        call_command("set_budget", "-1")
    with pytest.raises(CommandError):
        call_command("set_budget", "1", "--key", "oly_nothere1")
