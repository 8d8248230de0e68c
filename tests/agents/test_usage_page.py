"""What a person used so far."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.agents.models import Run
from apps.agents.pages import usage_page
from olympus.kernel.actor import Role
from tests.support.cast import Someone, someone

pytestmark = pytest.mark.django_db


def ran(who: Someone, *, model: str = "small", sent: int | None = 100, written: int = 50, days_ago: int = 0) -> None:
    """Store a run that is over."""
    run = Run.objects.create(
        organization_id=who.actor.organization_id,
        owner_id=who.actor.user_id,
        host="chat",
        thread_id=uuid4(),
        subject_id=uuid4(),
        state="complete",
        model=model,
        prompt_tokens=sent,
        token_count=written,
    )
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(days=days_ago))


def test_tokens_are_summed_by_model_and_day(owner: Someone) -> None:
    ran(owner)
    ran(owner, sent=None)
    ran(owner, model="large", written=500, days_ago=3)

    page = usage_page(owner.actor, now=timezone.localtime())

    assert [(use.model, use.answers, use.completion_tokens) for use in page.models] == [
        ("large", 1, 500),
        ("small", 2, 100),
    ]
    assert (page.answers, page.prompt_tokens, page.completion_tokens) == (3, 200, 600)
    assert [bar.tokens for bar in page.bars if bar.tokens] == [600, 200]
    assert max(bar.height for bar in page.bars) == page.height


def test_what_is_older_than_a_month_does_not_count(owner: Someone) -> None:
    ran(owner, days_ago=31)

    assert usage_page(owner.actor, now=timezone.localtime()).answers == 0


def test_nobody_sees_what_others_used(owner: Someone) -> None:
    ran(owner)
    member = someone("m@example.org", Role.MEMBER)

    assert usage_page(member.actor, now=timezone.localtime()).answers == 0
    assert Client().get("/settings/usage/").status_code == 302


def test_the_page_shows_it_and_asks_little(owner: Someone, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        ran(owner)
    client = owner.client()
    client.get("/settings/usage/")

    with django_assert_num_queries(9):
        page = client.get("/settings/usage/").content.decode()

    assert "small" in page
    assert "250" in page


def test_the_page_is_friendly_when_nothing_was_used(owner: Someone) -> None:
    assert b"Nothing used yet" in owner.client().get("/settings/usage/").content
