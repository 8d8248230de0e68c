"""The functions and constants an expression may name."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from apps.inference.engine.builtin.numbers import (
    ExpressionError,
    Number,
    factorial,
    power,
    real,
    square_root,
    whole,
)

CONSTANTS: dict[str, Number] = {"pi": math.pi, "tau": math.tau, "e": math.e}

# A sine below this share of its angle is what rounding left of zero: floats carry about 16 digits.
_ROUNDING = 1e-15
MAX_PLACES = 100


@dataclass(frozen=True, slots=True)
class Function:
    """A function by the numbers of arguments it takes."""

    compute: Callable[..., Any]
    fewest: int = 1
    most: int = 1


def call(name: str, arguments: list[Number]) -> Number:
    """This will apply a function by its name.

    Raises:
        ExpressionError: too few or too many arguments, or no real value.
    """
    function = FUNCTIONS[name]
    if not function.fewest <= len(arguments) <= function.most:
        raise ExpressionError(f"{name} takes another number of values than {len(arguments)}.")
    result = function.compute(*arguments)
    return Fraction(result) if isinstance(result, int) else result


def _trigonometric(function: Callable[[float], float]) -> Callable[[Number], float]:
    def compute(angle: Number) -> float:
        return _without_rounding(real(function, angle), float(angle))

    return compute


def _tangent(angle: Number) -> float:
    if _without_rounding(real(math.cos, angle), float(angle)) == 0:
        raise ExpressionError("The tangent has no value there.")
    return _without_rounding(real(math.tan, angle), float(angle))


def _without_rounding(value: float, angle: float) -> float:
    return 0.0 if abs(angle) > 1 and abs(value) < _ROUNDING * abs(angle) else value


def _logarithm(value: Number, base: Number | None = None) -> float:
    return real(math.log10, value) if base is None else real(math.log, value, base)


def _rounded(value: Number, digits: Number = Fraction(0)) -> Number:
    places = whole(digits)
    if abs(places) > MAX_PLACES:
        raise ExpressionError(f"Round to at most {MAX_PLACES} places.")
    return float(round(value, places)) if isinstance(value, float) else Fraction(round(value, places))


def _of_real(function: Callable[..., float]) -> Callable[..., float]:
    return lambda *arguments: real(function, *arguments)


FUNCTIONS: dict[str, Function] = {
    "sqrt": Function(square_root),
    "cbrt": Function(_of_real(math.cbrt)),
    "abs": Function(abs),
    "round": Function(_rounded, most=2),
    "floor": Function(math.floor),
    "ceil": Function(math.ceil),
    "exp": Function(_of_real(math.exp)),
    "ln": Function(_of_real(math.log)),
    "log": Function(_logarithm, most=2),
    "log2": Function(_of_real(math.log2)),
    "log10": Function(_of_real(math.log10)),
    "sin": Function(_trigonometric(math.sin)),
    "cos": Function(_trigonometric(math.cos)),
    "tan": Function(_tangent),
    "asin": Function(_of_real(math.asin)),
    "acos": Function(_of_real(math.acos)),
    "atan": Function(_of_real(math.atan)),
    "sinh": Function(_of_real(math.sinh)),
    "cosh": Function(_of_real(math.cosh)),
    "tanh": Function(_of_real(math.tanh)),
    "pow": Function(power, fewest=2, most=2),
    "hypot": Function(_of_real(math.hypot), fewest=2, most=2),
    "factorial": Function(factorial),
    "gcd": Function(lambda *values: math.gcd(*map(whole, values)), fewest=2, most=20),
    # Of one value `min` itself would look inside it.
    "min": Function(lambda *values: min(values), most=100),
    "max": Function(lambda *values: max(values), most=100),
}
