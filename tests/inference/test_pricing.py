"""What calls cost: the right price, exactly, rounded once."""

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.inference.engine.pricing import FREE, Consumed, PriceRow, cost_nanousd, dearest_cost, is_match, price_of

HERE, THERE = UUID(int=1), UUID(int=2)
# gpt-like: 2.50 $ a million read, 1.25 cached, 10 written.
PAID = PriceRow("paid", input=2_500_000_000, cached=1_250_000_000, output=10_000_000_000)


@pytest.mark.parametrize(
    ("price", "consumed", "cost"),
    [
        (FREE, Consumed(10**6, 10**6), 0),
        (PAID, Consumed(0, 0), 0),
        (PAID, Consumed(1, 0), 2_500),
        (PAID, Consumed(1000, 500), 2_500_000 + 5_000_000),
        (PAID, Consumed(1000, 0, cached_tokens=400), 600 * 2_500 + 400 * 1_250),
        (PAID, Consumed(100, 0, cached_tokens=400), 100 * 1_250),
        (PriceRow("x", input=1_000_000), Consumed(10, 0, cached_tokens=10), 10),
        (PriceRow("x", input=500_000), Consumed(1), 1),
        (PriceRow("x", input=499_999), Consumed(1), 0),
        (PriceRow("x", input=500_000, output=500_000), Consumed(1, 1), 1),
        (PriceRow("x", image=40_000_000), Consumed(image_count=3), 120_000_000),
        (PriceRow("x", audio_minute=6_000_000), Consumed(audio_ms=90_000), 9_000_000),
        (PriceRow("x", gpu_hour=2_000_000_000), Consumed(gpu_ms=1_800_000), 1_000_000_000),
        (PAID, Consumed(-5, -5, -5, -5, -5, -5), 0),
    ],
)
def test_a_call_costs_what_the_table_says(price: PriceRow, consumed: Consumed, cost: int) -> None:
    assert cost_nanousd(price, consumed) == cost


AMOUNT = st.integers(0, 10**15)
COUNT = st.integers(0, 2**31)


@given(st.tuples(*[AMOUNT] * 6), st.tuples(*[COUNT] * 6))
def test_the_cost_is_the_exact_sum_rounded_half_up(prices: tuple[int, ...], counts: tuple[int, ...]) -> None:
    read, cached, written, image, minute, hour = prices
    tokens, out, known, images, audio, gpu = counts
    price = PriceRow("x", None, read, cached, written, image, minute, hour)
    known = min(known, tokens)

    exact = (
        Fraction((tokens - known) * read + known * cached + out * written, 10**6)
        + images * image
        + Fraction(audio * minute, 60_000)
        + Fraction(gpu * hour, 3_600_000)
    )

    cost = cost_nanousd(price, Consumed(tokens, out, known, images, audio, gpu))
    assert cost == (exact + Fraction(1, 2)).__floor__()


@given(st.integers(0, 10**6), st.decimals(0, 1000, places=6))
def test_it_agrees_with_decimal_arithmetic(tokens: int, usd: Decimal) -> None:
    exact = (usd * tokens * 1000).quantize(Decimal(1), ROUND_HALF_UP)

    assert cost_nanousd(PriceRow("x", input=int(usd * 10**9)), Consumed(tokens)) == exact


def test_the_longest_pattern_wins_and_a_providers_own_before_it() -> None:
    rows = [PriceRow("*", input=1), PriceRow("gpt-*", input=2), PriceRow("gpt-4*", input=3), PriceRow("gpt-4", input=4)]
    own = [PriceRow("g*", HERE, input=5)]

    def found(model: str, provider: UUID | None) -> int:
        return price_of([*rows, *own], model, provider).input

    assert [found(model, None) for model in ("llama", "gpt-3", "gpt-4o", "GPT-4")] == [1, 2, 3, 4]
    assert [found("gpt-4", HERE), found("gpt-4", THERE), found("llama", HERE)] == [5, 4, 1]


def test_a_model_costs_the_same_with_and_without_the_tag_that_says_nothing() -> None:
    rows = [PriceRow("*", input=1), PriceRow("llama3.2", input=2), PriceRow("qwen3:latest", input=3)]

    found = [price_of(rows, model, None).input for model in ("llama3.2:latest", "qwen3:latest", "llama3.2:1b")]

    assert found == [2, 3, 1]


def test_without_a_match_a_model_is_free() -> None:
    assert price_of([PriceRow("a"), PriceRow("b", HERE)], "c", HERE) is FREE


def test_while_it_is_open_who_answers_the_dearest_counts() -> None:
    rows = [PriceRow("a", input=10**6), PriceRow("a", HERE, input=5 * 10**6), PriceRow("b", input=2 * 10**6)]

    assert dearest_cost(rows, ["a", "b"], Consumed(10)) == 50
    assert dearest_cost([], ["a"], Consumed(10)) == 0


@given(st.text("ab*", max_size=8), st.text("ab", max_size=10))
def test_stars_stand_for_anything(pattern: str, name: str) -> None:
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None

    assert is_match(pattern, name) == expected


def test_a_pattern_of_stars_costs_no_time() -> None:
    assert not is_match("*a" * 100 + "b", "a" * 200)
