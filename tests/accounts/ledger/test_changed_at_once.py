"""Two owners who change the same budget at once."""

import pytest

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject
from apps.accounts.models import Budget
from apps.accounts.services.budgets import add_budget, change_budget, remove_budget
from olympus.kernel.errors import NotFound
from tests.support.cast import Someone
from tests.support.racing import behind

pytestmark = pytest.mark.django_db(transaction=True)


def a_budget(who: Someone) -> Budget:
    everybody, tokens, day = BudgetSubject.EVERYBODY, BudgetMetric.TOKENS, BudgetPeriod.DAY
    return add_budget(who.actor, subject=everybody, metric=tokens, period=day, limit=1000)


def test_a_budget_that_is_being_removed_is_not_there(owner: Someone) -> None:
    budget = a_budget(owner)

    with pytest.raises(NotFound):
        behind(
            lambda: remove_budget(owner.actor, budget_id=budget.pk),
            lambda: change_budget(owner.actor, budget_id=budget.pk, limit=5),
        )

    assert not Budget.objects.exists()
