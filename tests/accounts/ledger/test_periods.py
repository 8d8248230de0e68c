"""When a budget's day and month begin and end: in UTC, wherever somebody asks."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.contracts import BudgetPeriod
from apps.accounts.engine.budgets import window_end, window_start

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.timezones())  # noqa: DTZ001 - with a zone
TOKYO, HAWAII = timezone(timedelta(hours=9)), timezone(timedelta(hours=-10))


@given(MOMENTS, st.sampled_from(BudgetPeriod))
def test_every_moment_is_in_one_period_and_the_next_begins_where_it_ends(now: datetime, period: BudgetPeriod) -> None:
    starts_on = window_start(period, now)
    ends = window_end(period, starts_on)

    assert datetime(starts_on.year, starts_on.month, starts_on.day, tzinfo=UTC) <= now < ends
    assert window_start(period, ends) == ends.date()
    assert window_start(period, ends - timedelta(microseconds=1)) == starts_on


@pytest.mark.parametrize(
    ("now", "day", "month"),
    [
        (datetime(2028, 3, 1, 8, 59, tzinfo=TOKYO), date(2028, 2, 29), date(2028, 2, 1)),
        (datetime(2028, 2, 29, 13, 59, tzinfo=HAWAII), date(2028, 2, 29), date(2028, 2, 1)),
        (datetime(2028, 2, 29, 14, 0, tzinfo=HAWAII), date(2028, 3, 1), date(2028, 3, 1)),
        (datetime(2027, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), date(2027, 12, 31), date(2027, 12, 1)),
        (datetime(2028, 1, 1, tzinfo=UTC), date(2028, 1, 1), date(2028, 1, 1)),
    ],
)
def test_days_and_months_are_those_of_utc(now: datetime, day: date, month: date) -> None:
    assert window_start(BudgetPeriod.DAY, now) == day
    assert window_start(BudgetPeriod.MONTH, now) == month


@pytest.mark.parametrize("month", range(1, 13))
def test_a_month_ends_where_the_next_one_begins(month: int) -> None:
    following = datetime(2028 + month // 12, month % 12 + 1, 1, tzinfo=UTC)

    assert window_end(BudgetPeriod.MONTH, date(2028, month, 1)) == following
