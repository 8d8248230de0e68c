"""Numbers of bounded size: exact fractions while they are small, floats after that."""

import math
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction

from olympus.kernel.errors import Invalid

Number = Fraction | float

# About 1,000 decimal digits: more than anyone reads, and each operation stays within microseconds.
MAX_BITS = 3_322
# 400! has 869 digits, so it stays within MAX_BITS.
MAX_FACTORIAL = 400
# A decimal fraction longer than this is shown rounded.
MAX_SHOWN_DECIMALS = 30
# A rounded number with more digits before or after the point is shown as 1.5E+20.
READABLE_DIGITS = 15


class ExpressionError(Invalid):
    """This expression cannot be computed."""

    code = "expression_error"


class NumberTooLarge(ExpressionError):
    """The result is too large or too small to compute here: about 1,000 digits are the limit."""

    code = "number_too_large"


def bounded(value: Number) -> Number:
    """This will keep a value if it is small enough to be exact, else round it to a float.

    Raises:
        NumberTooLarge: not even a float holds it.
        ExpressionError: it is not a number.
    """
    if isinstance(value, Fraction):
        if _bits(value) <= MAX_BITS:
            return value
        return as_float(value)
    if math.isnan(value):
        raise ExpressionError("This has no value among the real numbers.")
    if math.isinf(value):
        raise NumberTooLarge
    return value


def as_float(value: Number) -> float:
    """This will round to a float.

    Raises:
        NumberTooLarge: no float is that large or that small.
    """
    try:
        result = float(value)
    except OverflowError:
        raise NumberTooLarge from None
    if result == 0 and value != 0:
        raise NumberTooLarge
    return result


def combine(left: Number, right: Number, operation: Callable[[Number, Number], Number]) -> Number:
    """This will apply `+ - * / // %`, exactly where both sides are exact.

    Raises:
        ExpressionError: division by zero, or a result out of bounds.
    """
    if not (isinstance(left, Fraction) and isinstance(right, Fraction)):
        left, right = as_float(left), as_float(right)
    try:
        result = operation(left, right)
    except ZeroDivisionError:
        raise ExpressionError("Division by zero has no result.") from None
    return bounded(Fraction(result) if isinstance(result, int) else result)


def power(base: Number, exponent: Number) -> Number:
    """This will raise to a power; the size is estimated before anything is computed.

    Raises:
        NumberTooLarge: the result would be out of bounds.
        ExpressionError: the result is not a real number.
    """
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        if base == 0 and exponent < 0:
            raise ExpressionError("Division by zero has no result.")
        if abs(base) in (0, 1):
            return base if exponent.numerator % 2 or (base == 0 and exponent > 0) else Fraction(1)
        if _bits(base) * abs(exponent.numerator) <= MAX_BITS:
            return Fraction(base**exponent.numerator)
    return real(math.pow, base, exponent)


def real(function: Callable[..., float], *arguments: Number) -> float:
    """This will compute a function of floats.

    Raises:
        NumberTooLarge: the result is out of bounds.
        ExpressionError: the function has no real value there.
    """
    try:
        result = function(*(as_float(argument) for argument in arguments))
    except (OverflowError, RecursionError):
        raise NumberTooLarge from None
    except (ValueError, ZeroDivisionError):
        raise ExpressionError("This has no value among the real numbers.") from None
    bounded(result)
    if result == 0 and function in (math.pow, math.exp) and arguments[0] != 0:
        raise NumberTooLarge
    return result


def whole(value: Number) -> int:
    """This will give a whole number as an int.

    Raises:
        ExpressionError: it is not whole.
    """
    if value != math.floor(value):
        raise ExpressionError("This needs a whole number.")
    return math.floor(value)


def factorial(value: Number) -> Number:
    """This will compute n! for n up to 400.

    Raises:
        NumberTooLarge: beyond 400.
        ExpressionError: below zero or not whole.
    """
    count = whole(value)
    if count < 0:
        raise ExpressionError("A factorial needs a whole number that is not negative.")
    if count > MAX_FACTORIAL:
        raise NumberTooLarge
    return Fraction(math.factorial(count))


def square_root(value: Number) -> Number:
    """This will take a root, exactly where the number is a square.

    Raises:
        ExpressionError: below zero.
    """
    if isinstance(value, Fraction) and value >= 0:
        root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
        if root * root == value:
            return root
    return real(math.sqrt, value)


def shown(value: Number) -> tuple[str, bool]:
    """This will write a number for a person, and say whether it is exact."""
    if isinstance(value, float):
        return f"{value:.12g}", False
    decimals = _decimals(value.denominator)
    if decimals is None:
        quotient = Context(prec=12).divide(Decimal(value.numerator), Decimal(value.denominator))
        return f"{quotient:f}" if abs(quotient.adjusted()) < READABLE_DIGITS else str(quotient), False
    digits = str(abs(value.numerator) * 10**decimals // value.denominator).rjust(decimals + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits), True


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _decimals(denominator: int) -> int | None:
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 and max(twos, fives) <= MAX_SHOWN_DECIMALS else None
