"""What a person, or everybody together, used in the last 30 days."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject, Spender
from apps.accounts.engine.budgets import Rule
from apps.accounts.ledger.states import BudgetState, budgets_for, budgets_of_keys
from apps.accounts.ledger.usage import (
    Days,
    Sums,
    Use,
    by_day,
    by_key,
    by_model,
    by_person,
    days_of_actor,
    days_of_all,
    first_day,
    total,
)
from apps.accounts.ledger.words import amount_in_words, money, number
from apps.accounts.pages.charts import Chart, chart_of
from olympus.kernel.actor import Actor

DAYS_SHOWN = 30
_MS_A_SECOND = 1000
_S_A_MINUTE, _S_AN_HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Row:
    """One model, person or key in a table."""

    name: str
    detail: str
    requests: str
    tokens_in: str
    tokens_out: str
    cost: str
    ttft: str
    cached: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with its name."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Meter:
    """A budget and how much of it is used, for a bar of progress."""

    name: str
    used: str
    limit: str
    left: str
    resets_at: datetime
    value: int
    most: int
    is_tight: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class UsagePage:
    """The last 30 days."""

    sums: Sums
    facts: list[Fact]
    tokens: Chart
    cost: Chart
    models: list[Row]
    people: list[Row]
    keys: list[Row]
    meters: list[Meter]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked."""
        return not self.sums.requests


def usage_page(actor: Actor, *, now: datetime) -> UsagePage:
    """This will sum up the actor's own calls and show how their budgets and their keys' stand; at most seven queries."""
    organization_id, user_id = actor.organization_id, actor.user_id
    meters = [meter_of(state) for state in budgets_for(Spender(organization_id, user_id), now=now)]
    meters += [meter_of(state, key=name) for name, state in budgets_of_keys(organization_id, user_id, now=now)]
    return _page(days_of_actor(actor, since=first_day(now, DAYS_SHOWN)), now, meters, with_people=False)


def usage_of_all(actor: Actor, *, now: datetime) -> UsagePage:
    """This will sum up everybody's calls; four queries, however many there are.

    Raises:
        Denied: the actor administers nothing.
    """
    return _page(days_of_all(actor, since=first_day(now, DAYS_SHOWN)), now, [], with_people=True)


def _page(rows: Days, now: datetime, meters: list[Meter], *, with_people: bool) -> UsagePage:
    first = first_day(now, DAYS_SHOWN)
    days = by_day(rows)
    sums = total(days)
    tokens = {use.day: use.sums.tokens for use in days if use.day}
    cost = {use.day: use.sums.cost_nanousd for use in days if use.day}
    return UsagePage(
        sums=sums,
        facts=_facts(sums),
        tokens=chart_of(tokens, first, DAYS_SHOWN, _tokens),
        cost=chart_of(cost, first, DAYS_SHOWN, money),
        models=[_row(use) for use in by_model(rows)] if days else [],
        people=[_row(use) for use in by_person(rows)] if with_people and days else [],
        keys=[_row(use) for use in by_key(rows)] if days else [],
        meters=meters,
    )


def meter_of(state: BudgetState, *, key: str = "") -> Meter:
    """This will show how a budget stands; `key` is the name of the API key it is for."""
    rule = state.rule
    used = state.used + state.held
    return Meter(
        name=_name_of(state.rule, key),
        used=money(state.used) if rule.metric is BudgetMetric.COST else number(state.used),
        limit=amount_in_words(rule.metric, rule.limit),
        left=amount_in_words(rule.metric, state.left),
        resets_at=state.resets_at,
        value=min(used, rule.limit) if rule.limit else 1,
        most=rule.limit or 1,
        is_tight=state.share_left < _TIGHT,
        is_over=not state.left,
    )


# Less than a fifth left is worth a color.
_TIGHT = 0.2


def _name_of(rule: Rule, key: str) -> str:
    is_day = rule.period is BudgetPeriod.DAY
    match rule.subject:
        case BudgetSubject.ORGANIZATION:
            return _("All together today") if is_day else _("All together this month")
        case BudgetSubject.KEY:
            return (_("%(key)s today") if is_day else _("%(key)s this month")) % {"key": key}
        case _:
            return _("You today") if is_day else _("You this month")


def _facts(sums: Sums) -> list[Fact]:
    facts = [
        Fact(_("Requests"), number(sums.requests)),
        Fact(_("Tokens read"), number(sums.input_tokens)),
        Fact(_("Tokens written"), number(sums.output_tokens)),
        Fact(_("Cost"), money(sums.cost_nanousd)),
        Fact(_("To the first word"), _time(sums.mean_ttft_ms)),
        Fact(_("From the cache"), _percent(sums.cache_share)),
    ]
    if sums.gpu_ms:
        facts.append(Fact(_("Own hardware"), _duration(sums.gpu_ms)))
    if sums.errors:
        facts.append(Fact(_("Failed"), number(sums.errors)))
    return facts


def _row(use: Use) -> Row:
    sums = use.sums
    return Row(
        name=use.name,
        detail=use.detail,
        requests=number(sums.requests),
        tokens_in=number(sums.input_tokens),
        tokens_out=number(sums.output_tokens),
        cost=money(sums.cost_nanousd),
        ttft=_time(sums.mean_ttft_ms),
        cached=_percent(sums.cache_share),
    )


def _tokens(count: int) -> str:
    return amount_in_words(BudgetMetric.TOKENS, count)


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _time(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "–"
    if milliseconds < _MS_A_SECOND:
        return _("%(n)s ms") % {"n": milliseconds}
    return _("%(n)s s") % {"n": _tenths(milliseconds / _MS_A_SECOND)}


def _duration(milliseconds: int) -> str:
    seconds = milliseconds / _MS_A_SECOND
    if seconds < _S_A_MINUTE:
        return _("%(n)s s") % {"n": _tenths(seconds)}
    if seconds < _S_AN_HOUR:
        return _("%(n)s min") % {"n": _tenths(seconds / _S_A_MINUTE)}
    return _("%(n)s h") % {"n": _tenths(seconds / _S_AN_HOUR)}


def _tenths(amount: float) -> str:
    return number_format(f"{amount:.1f}", use_l10n=True)  # rounded here: Django cuts
