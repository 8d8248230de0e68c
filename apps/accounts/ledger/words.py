"""Amounts of tokens, requests and money as people read and write them."""

import re
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.contracts import BudgetMetric
from olympus.kernel.errors import Invalid

NANO = 1_000_000_000
# Sums of a budget stay far within the 64 bits of its columns.
MOST = 10**17
# Below a cent people want to see the digits that are there; six places are a thousandth of a cent's tenth.
_SMALL_USD = Decimal("0.01")
# Plain digits alone: Decimal itself also reads 1e999999, which has a million digits. Nine places are a billionth.
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{0,9})?")
# A comma is for thousands in English and for cents in German; what could be either is not guessed at.
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
_CENTS = re.compile(r"-?[0-9]+,[0-9]{1,2}")
_SPACES = str.maketrans("", "", " \u00a0\u202f")


def number(count: int) -> str:
    """This will write a count with its thousands apart, as the reader's language has it."""
    return number_format(count, use_l10n=True, force_grouping=True)


def money(nanousd: int) -> str:
    """This will write billionths of a dollar as dollars: to the cent, or what is below a cent to six places."""
    usd = Decimal(nanousd) / NANO
    # Rounded here: Django cuts.
    plain = f"{usd:.6f}".rstrip("0") if usd and abs(usd) < _SMALL_USD else f"{usd:.2f}"
    return f"${number_format(plain, use_l10n=True, force_grouping=True)}"


def amount_in_words(metric: BudgetMetric, amount: int) -> str:
    """This will write an amount with its unit."""
    if metric is BudgetMetric.COST:
        return money(amount)
    count = {"n": number(amount)}
    if metric is BudgetMetric.TOKENS:
        return ngettext("%(n)s token", "%(n)s tokens", amount) % count
    return ngettext("%(n)s request", "%(n)s requests", amount) % count


def parse_limit(metric: BudgetMetric, text: str) -> int:
    """This will read a limit: whole tokens or requests, or dollars; thousands may have commas or spaces between.

    Raises:
        Invalid: not a number, negative, or beyond what is counted.
    """
    is_money = metric is BudgetMetric.COST
    plain = text.strip().removeprefix("$").translate(_SPACES)
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    elif is_money and _CENTS.fullmatch(plain):
        plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        raise Invalid(_("Enter a number."), field="limit")
    # 1.000 is a thousand to some and one to others: whole numbers have no point.
    if not is_money and "." in plain:
        raise Invalid(_("Enter a whole number."), field="limit")
    return usable_limit(int(Decimal(plain) * (NANO if is_money else 1)))


def usable_limit(amount: int) -> int:
    """This will give a limit back if it is one.

    Raises:
        Invalid: negative, or beyond what is counted.
    """
    if amount < 0:
        raise Invalid(_("A limit cannot be negative. 0 allows nothing."), field="limit")
    if amount > MOST:
        raise Invalid(_("This is more than Olympus counts. Leave the limit out instead."), field="limit")
    return amount
