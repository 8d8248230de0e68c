"""The cache's page and its REST door: numbers, emptying, settings."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.inference import options
from apps.inference.caching.exact import answer_store
from apps.inference.caching.managing import cache_numbers
from apps.inference.caching.standing import forget_standing
from apps.inference.caching.tally import _key, tally_of
from olympus.kernel.models import AuditEntry
from olympus.kernel.options import change_option, option_value
from olympus.kernel.valkey import valkey
from tests.inference.caching import CountingModel, a_call, ask, cache_of, organization_of
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {"is_exact": "on", "minutes": "5", "threshold": "0.9"}


def ask_twice(who: Someone, prompt: str = "Who lives there?") -> CountingModel:
    """Ask, and ask again; wait until Valkey has the answer."""
    model = CountingModel()

    async def run() -> None:
        for _ in range(2):
            await ask(a_call(who, prompt), model)
        for _ in range(300):
            if answer_store().size(organization_of(who)).entry_count:
                return
            await asyncio.sleep(0.01)

    asyncio.run(run())
    return model


@pytest.mark.parametrize(("method", "door"), [("get", "cache"), ("post", "cache_change"), ("post", "cache_empty")])
def test_members_are_refused_and_the_signed_out_sent_to_sign_in(member: Someone, method: str, door: str) -> None:
    assert getattr(member.client(), method)(reverse(door)).status_code == 403
    assert getattr(Client(), method)(reverse(door)).status_code == 302


def test_the_page_shows_what_was_found_and_what_is_kept(
    owner: Someone, django_assert_num_queries: Callable[[int], object]
) -> None:
    ask_twice(owner)
    client = owner.client()
    client.get(reverse("cache"))

    with django_assert_num_queries(10):
        page = client.get(reverse("cache")).content.decode()

    assert "50%" in page
    assert "Empty the cache" in page


def test_an_unused_cache_says_how_to_use_it(owner: Someone) -> None:
    page = owner.client().get(reverse("cache")).content.decode()

    assert "Nothing was looked for yet" in page


def test_rest_tells_numbers_of_the_own_organization_only(owner: Someone, stranger: Someone, member: Someone) -> None:
    ask_twice(owner)

    mine, theirs = (who.client().get("/api/v1/cache").json() for who in (owner, stranger))

    assert (mine["hit_rate"], mine["exact_count"], mine["miss_count"]) == (0.5, 1, 1)
    assert mine["answer_count"] == 1
    assert mine["saved_tokens"] == 15
    assert (theirs["hit_rate"], theirs["answer_count"]) == (None, 0)
    assert member.client().get("/api/v1/cache").status_code == 403


def test_emptying_forgets_the_own_organization_s_answers_here_and_in_valkey(owner: Someone, stranger: Someone) -> None:
    mine, theirs = ask_twice(owner), ask_twice(stranger)

    assert owner.client().delete("/api/v1/cache").status_code == 204

    async def ask_both() -> list[str]:
        return [cache_of(await ask(a_call(who), model)) for who, model in ((owner, mine), (stranger, theirs))]

    assert asyncio.run(ask_both()) == ["", "exact"]
    assert AuditEntry.objects.filter(action="cache.empty").count() == 1


def test_a_member_may_not_empty_it(owner: Someone, member: Someone) -> None:
    ask_twice(owner)

    assert member.client().delete("/api/v1/cache").status_code == 403
    assert cache_numbers(organization_of(owner)).answer_count == 1


def test_the_button_empties_it_and_says_how_much(owner: Someone) -> None:
    ask_twice(owner)

    page = owner.client().post(reverse("cache_empty"), follow=True).content.decode()

    assert "1 thing that was kept is forgotten." in page


def test_an_owner_changes_the_settings(owner: Someone) -> None:
    response = owner.client().post(reverse("cache_change"), {**FORM, "is_semantic": "on"})

    assert response.status_code == 302
    assert option_value(options.CACHE_TTL_S) == 300
    assert option_value(options.CACHE_SEMANTIC) is True
    assert option_value(options.CACHE_THRESHOLD) == 0.9
    changed = set(AuditEntry.objects.filter(action="setting.change").values_list("subject", flat=True))
    assert changed == {"inference.cache_ttl_s", "inference.cache_semantic", "inference.cache_threshold"}


@pytest.mark.parametrize(
    "wrong", [{"minutes": "0"}, {"minutes": "-5"}, {"minutes": "9" * 40}, {"threshold": "2"}, {"threshold": "nan"}]
)
def test_numbers_out_of_range_are_refused_on_the_form(owner: Someone, wrong: dict[str, Any]) -> None:
    response = owner.client().post(reverse("cache_change"), {**FORM, **wrong})

    assert response.status_code == 422
    assert option_value(options.CACHE_TTL_S) == 3600


def test_seconds_an_operator_set_survive_a_form_that_does_not_touch_them(owner: Someone) -> None:
    change_option("inference.cache_ttl_s", 90, changed_by_id=None)
    forget_standing(organization_of(owner))

    owner.client().post(reverse("cache_change"), {**FORM, "minutes": "1"})

    assert option_value(options.CACHE_TTL_S) == 90


def test_an_owner_of_another_organization_sees_no_settings_and_changes_none(stranger: Someone) -> None:
    page = stranger.client().get(reverse("cache")).content.decode()

    assert "They hold for all of Olympus" not in page
    assert stranger.client().post(reverse("cache_change"), FORM).status_code == 403


def test_counts_of_a_week_are_summed(owner: Someone) -> None:
    ask_twice(owner)
    days_ago = {days: timezone.now().date() - timedelta(days=days) for days in (1, 7)}
    for day in days_ago.values():
        valkey().hset(_key(organization_of(owner), day), "exact", 2)

    tally = tally_of(organization_of(owner))

    assert (tally.exact_count, tally.miss_count, tally.hit_rate) == (3, 1, 0.75)
