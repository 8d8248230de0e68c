"""What programs may use holds at the door, however many ask at once."""

import asyncio
from collections import Counter

import pytest
from asgiref.sync import sync_to_async

from apps.accounts.ledger import settling
from apps.accounts.ledger.rules import forget_rules
from apps.accounts.models import Budget, BudgetWindow
from tests.doubles.fake_openai import FakeOpenAI, Script
from tests.gateway.conftest import Program
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_hundred_at_once_overspend_by_at_most_one_call(
    owner: Someone, program: Program, upstream: FakeOpenAI
) -> None:
    upstream.default = Script(tokens=50)
    organization_id = owner.actor.organization_id
    await Budget.objects.acreate(
        organization_id=organization_id, subject="organization", metric="tokens", period="day", limit=3000
    )
    forget_rules()

    answers = await asyncio.gather(*(program.chat(f"Question {number}", max_tokens=50) for number in range(100)))

    await sync_to_async(settling.writer.drain)()
    window = await BudgetWindow.objects.aget()
    one_call = 26 + 50  # as the fake counts
    statuses = Counter(answer.status for answer in answers)
    assert statuses == {200: window.used // one_call, 429: 100 - window.used // one_call}
    assert 2000 < window.used <= 3000 + one_call
    assert window.held == 0
    assert len(upstream.log.requests) == statuses[200]
