"""Bars of a chart of days, in the chart's own units."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

_PITCH, _WIDTH, _HEIGHT = 20, 12, 96


@dataclass(frozen=True, slots=True)
class Bar:
    """A day in the chart; `words` is its amount for people, `label` both in one."""

    label: str
    day: str
    words: str
    amount: int
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar a day; `most` says the highest one's day and amount."""

    bars: list[Bar]
    width: int
    most: str
    bar_width: int = _WIDTH
    height: int = _HEIGHT

    @property
    def is_empty(self) -> bool:
        """Whether no day has anything."""
        return not any(bar.amount for bar in self.bars)


def chart_of(amounts: Mapping[date, int], first: date, days: int, words: Callable[[int], str]) -> Chart:
    """This will draw `days` days from the first one; a day with anything at all shows at least a line."""
    most = max(amounts.values(), default=0)
    short = _("j M")
    bars = []
    for index in range(days):
        day = first + timedelta(days=index)
        amount = amounts.get(day, 0)
        height = max(2, round(_HEIGHT * amount / most)) if amount else 0
        said = {"day": date_format(day, short), "amount": words(amount)}
        label = _("%(day)s: %(amount)s") % said
        bars.append(Bar(label, said["day"], said["amount"], amount, index * _PITCH + 4, _HEIGHT - height, height))
    highest = max(bars, key=lambda bar: bar.amount)
    return Chart(
        bars, days * _PITCH, _("at most %(amount)s on %(day)s") % {"amount": highest.words, "day": highest.day}
    )
