"""Bars of a chart of days, in the chart's own units."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

_PITCH, _WIDTH, _HEIGHT = 20, 12, 96


@dataclass(frozen=True, slots=True)
class Bar:
    """A day in the chart; `label` is what a screen reader and the table say."""

    label: str
    amount: int
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar a day."""

    bars: list[Bar]
    width: int
    bar_width: int = _WIDTH
    height: int = _HEIGHT

    @property
    def is_empty(self) -> bool:
        """Whether no day has anything."""
        return not any(bar.amount for bar in self.bars)


def chart_of(amounts: Mapping[date, int], first: date, days: int, words: Callable[[int], str]) -> Chart:
    """This will draw `days` days from the first one; a day with anything at all shows at least a line."""
    most = max(amounts.values(), default=0)
    bars = []
    for index in range(days):
        day = first + timedelta(days=index)
        amount = amounts.get(day, 0)
        height = max(2, round(_HEIGHT * amount / most)) if amount else 0
        label = _("%(day)s: %(amount)s") % {"day": date_format(day, "j M"), "amount": words(amount)}
        bars.append(Bar(label, amount, index * _PITCH + 4, _HEIGHT - height, height))
    return Chart(bars, days * _PITCH)
