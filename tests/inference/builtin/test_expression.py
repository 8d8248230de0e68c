"""The parser of arithmetic: right, bounded, and never anything but its own error."""

import contextlib
import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.inference.engine.builtin.expression import NotAnExpression, compute
from apps.inference.engine.builtin.numbers import ExpressionError, NumberTooLarge, shown

# A hang is what is looked for, not speed: the slowest of these takes milliseconds.
HANG_S = 2.0

numbers = st.integers(0, 10_000).map(str)
safe_expressions = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(" ".join),
        inner.map(lambda text: f"-({text})"),
        st.tuples(inner, st.integers(0, 3)).map(lambda parts: f"({parts[0]})**{parts[1]}"),
    ),
    max_leaves=12,
)
PIECES = (
    "0 1 9 99 1e9 .5 2,000 ( ) + - * / ** ^ // % ! ° , sqrt sin log max round pow exp gcd pi e x of mod 9**9 1e999 -"
)
pieces = st.sampled_from(PIECES.split())


@given(safe_expressions)
def test_safe_expressions_agree_with_python(text: str) -> None:
    exactly = _with_fractions(text)

    try:
        expected = eval(exactly, {"Fraction": Fraction})  # digits and operators that this test made
    except ZeroDivisionError:
        with pytest.raises(ExpressionError):
            compute(text)
        return

    try:
        result = compute(text)
    except NumberTooLarge:
        assert abs(expected) > 10**300 or 0 < abs(expected) < Fraction(1, 10**300)
        return
    assert result == expected if isinstance(result, Fraction) else result == pytest.approx(float(expected))


@settings(max_examples=400)
@given(st.lists(pieces, max_size=40).map("".join))
def test_anything_made_of_its_tokens_ends_in_a_number_or_its_own_error(text: str) -> None:
    start = time.perf_counter()

    try:
        written, _ = shown(compute(text))
    except ExpressionError as error:
        written = error.message

    assert written
    assert time.perf_counter() - start < HANG_S


@given(st.text(max_size=600))
def test_any_text_ends_in_a_number_or_its_own_error(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        written, _ = shown(compute(text))

        assert written


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "9^9^9^9^9",
        "(9**300)**300",
        "1e999999999+1",
        "1.0000001**99999999999999999999",
        "99999!",
        "3!!!!!",
        "exp(10000)",
        "exp(0-10000)",
        "10**-99999",
        "*".join(["9**300"] * 30),
        "(" * 300 + "1" + ")" * 300,
        "-" * 400 + "1",
        "sqrt " * 90 + "2",
        "2" + "**2" * 80,
        "1+" * 240 + "1",
        "1" * 501,
    ],
)
def test_what_is_too_large_is_refused_at_once(text: str) -> None:
    start = time.perf_counter()

    with pytest.raises(NumberTooLarge) as refused:
        compute(text)

    assert refused.value.message.endswith(".")
    assert time.perf_counter() - start < HANG_S


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2+3*4", "14"),
        ("(2+3)*4", "20"),
        ("2**3**2", "512"),
        ("-2**2", "-4"),
        ("2**-1", "0.5"),
        ("7 // 2", "3"),
        ("7 % 4", "3"),
        ("7 mod 4", "3"),
        ("0.1 + 0.2", "0.3"),
        ("1/4", "0.25"),
        ("1/3", "0.333333333333"),
        ("-1/8", "-0.125"),
        ("1,000 + 1", "1001"),
        ("15% of 80", "12"),
        ("200 + 10%", "220"),
        ("200 - 10%", "180"),
        ("50% + 10%", "0.6"),
        ("5!", "120"),
        ("sqrt 16 + 9", "13"),
        ("sqrt(2)", "1.41421356237"),
        ("sin(30°)", "0.5"),
        ("sin(pi)", "0"),
        ("cos(pi/2)", "0"),
        ("log(1000)", "3"),
        ("ln(e)", "1"),
        ("log(8, 2)", "3"),
        ("max(1,200)", "200"),
        ("round(2.567, 1)", "2.6"),
        ("gcd(12, 18)", "6"),
        ("2x3", "6"),
        ("0**0", "1"),
        ("(-1)**7", "-1"),
        ("1**99999999999", "1"),
        ("2**1000", str(2**1000)),
        ("1.05**10", "1.62889462677744140625"),
        ("1e3 * 2", "2000"),
    ],
)
def test_an_expression_has_its_value(text: str, value: str) -> None:
    written, _ = shown(compute(text))

    assert written == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1/0", "zero"),
        ("0**-1", "zero"),
        ("5 % 0", "zero"),
        ("(1+2", "parenthesis"),
        ("1+2)", "operator is missing"),
        ("1 +", "at the end"),
        ("* 3", 'before "*"'),
        ("2 3", "operator is missing"),
        ("", "at the end"),
        ("sqrt(0-1)", "real"),
        ("(-8)**(1/3)", "real"),
        ("log(0)", "real"),
        ("log(5,1)", "real"),
        ("tan(pi/2)", "tangent"),
        ("2.5!", "whole"),
        ("(-3)!", "not negative"),
        ("gcd(1.5, 2)", "whole"),
        ("pow(2)", "number of values"),
        ("round(1.5, 1000)", "places"),
    ],
)
def test_a_faulty_expression_is_explained(text: str, said: str) -> None:
    with pytest.raises(ExpressionError) as error:
        compute(text)

    assert said in error.value.message


@pytest.mark.parametrize(
    "text", ["hello", "1 + a", "__import__('os')", "0x10", "2 = 2", "1; 2", "lambda: 1", "1 if 2 else 3"]
)
def test_what_is_no_arithmetic_is_not_computed(text: str) -> None:
    with pytest.raises(NotAnExpression):
        compute(text)


def test_a_rounded_value_is_marked_as_such() -> None:
    assert shown(compute("1/4"))[1] is True
    assert shown(compute("1/3"))[1] is False
    assert shown(compute("sqrt(2)"))[1] is False
    assert shown(compute("sqrt(4)")) == ("2", True)


def _with_fractions(text: str) -> str:
    spaced = text.replace("(", " ( ").replace(")", " ) ").replace("**", " ** ")
    words = spaced.split()
    return " ".join(
        f"Fraction({word})" if word.isdigit() and words[max(at - 1, 0)] != "**" else word
        for at, word in enumerate(words)
    )
