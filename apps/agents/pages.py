"""What a person used so far: answers and tokens by day and by model."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.agents.selectors import ModelUse, tokens_by_day, use_by_model
from olympus.kernel.actor import Actor

DAYS_SHOWN = 30
_BAR_PITCH, _BAR_WIDTH, _CHART_HEIGHT = 20, 12, 96


@dataclass(frozen=True, slots=True)
class Bar:
    """A day in the chart, in the chart's own units; `label` is what a screen reader and the table say."""

    label: str
    tokens: int
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class UsagePage:
    """The last 30 days of one person."""

    bars: list[Bar]
    models: list[ModelUse]
    answers: int
    prompt_tokens: int
    completion_tokens: int
    width: int = DAYS_SHOWN * _BAR_PITCH
    bar_width: int = _BAR_WIDTH
    height: int = _CHART_HEIGHT


def usage_page(actor: Actor, *, now: datetime) -> UsagePage:
    """This will count the actor's own runs; two queries, however many there are."""
    first = (now - timedelta(days=DAYS_SHOWN - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    models = use_by_model(actor.user_id, since=first)
    days = tokens_by_day(actor.user_id, since=first)
    return UsagePage(
        bars=_bars(days, first.date()),
        models=models,
        answers=sum(use.answers for use in models),
        prompt_tokens=sum(use.prompt_tokens for use in models),
        completion_tokens=sum(use.completion_tokens for use in models),
    )


def _bars(days: dict[date, int], first: date) -> list[Bar]:
    most = max(days.values(), default=0)
    bars = []
    for index in range(DAYS_SHOWN):
        day = first + timedelta(days=index)
        tokens = days.get(day, 0)
        # A day with anything at all shows at least a line.
        height = max(2, round(_CHART_HEIGHT * tokens / most)) if tokens else 0
        label = _("%(day)s: %(tokens)s tokens") % {"day": date_format(day, "j M"), "tokens": f"{tokens:,}"}
        bars.append(Bar(label, tokens, index * _BAR_PITCH + 4, _CHART_HEIGHT - height, height))
    return bars
