"""A parser of arithmetic of our own: it computes while it reads, in bounded time and space."""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from apps.inference.engine.builtin.functions import CONSTANTS, FUNCTIONS, call
from apps.inference.engine.builtin.numbers import (
    ExpressionError,
    Number,
    NumberTooLarge,
    bounded,
    combine,
    factorial,
    power,
)

MAX_LENGTH = 500
MAX_TOKENS = 200
# Far above what a person nests, far below Python's recursion limit (some 6 frames a level).
MAX_DEPTH = 50
# A literal such as 1e999 is within the bounds of a number, 1e9999999 would fill the memory.
MAX_EXPONENT = 999

_PLAIN = r"\d+(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?"
_GROUPED = r"\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?"
_REST = r"(?P<sign>\*\*|//|[-+*/^%!°(),]|x(?=[\d(.]))|(?P<name>[a-z]+(?:2|10)?(?!\d))"
_SPACE = re.compile(r"\s*")
_TOKEN = re.compile(rf"(?P<number>{_GROUPED}|{_PLAIN})|{_REST}")
# Between the parentheses of a function a comma parts its values: max(1,200) has two.
_TOKEN_IN_CALL = re.compile(rf"(?P<number>{_PLAIN})|{_REST}")
_SIGN_WORDS = {"x": "*", "of": "*", "mod": "mod"}
_OTHER_BASE = re.compile(r"(?<![\w.])0[xbo]")


class NotAnExpression(ExpressionError):
    """This is not arithmetic."""

    code = "not_an_expression"


class Kind(StrEnum):
    """What a token is."""

    NUMBER = "number"
    NAME = "name"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an expression."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Operand:
    """A value on its way; `is_percent` makes `200 + 10%` mean 220, as on a desk calculator."""

    value: Number
    is_percent: bool = False


_END = Token(Kind.END, "the end")
_SUMS: dict[str, Callable[..., Number]] = {"+": operator.add, "-": operator.sub}
_PRODUCTS: dict[str, Callable[..., Number]] = {
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "mod": operator.mod,
}


def compute(text: str) -> Number:
    """This will compute an expression: exactly as long as the numbers are small, else rounded.

    Python's precedence; `^` is a power, `%` after a value is percent and between two a remainder.

    Raises:
        ExpressionError: it is not an expression, or its value is out of bounds.
    """
    return Parser(tokens_of(text)).result()


def tokens_of(text: str) -> list[Token]:
    """This will cut an expression into its tokens.

    Raises:
        NotAnExpression: something in it belongs to no expression.
        NumberTooLarge: it is too long.
    """
    if _OTHER_BASE.search(text):
        raise NotAnExpression
    if len(text) > MAX_LENGTH:
        raise NumberTooLarge("This expression is too long.")
    lowered, position, tokens = text.lower(), 0, list[Token]()
    calls: list[bool] = []
    while (position := _after_space(lowered, position)) < len(lowered):
        found = (_TOKEN_IN_CALL if any(calls) else _TOKEN).match(lowered, position)
        if found is None:
            raise NotAnExpression
        tokens.append(_token(found))
        _follow_parentheses(calls, tokens)
        position = found.end()
    if len(tokens) > MAX_TOKENS:
        raise NumberTooLarge("This expression is too long.")
    return tokens


def _after_space(text: str, position: int) -> int:
    space = _SPACE.match(text, position)
    return space.end() if space else position


def _token(found: re.Match[str]) -> Token:
    text = found[0]
    if found.lastgroup == Kind.NUMBER:
        return Token(Kind.NUMBER, text.replace(",", ""))
    if text in _SIGN_WORDS or found.lastgroup == Kind.SIGN:
        return Token(Kind.SIGN, _SIGN_WORDS.get(text, text).replace("^", "**"))
    if text in FUNCTIONS or text in CONSTANTS:
        return Token(Kind.NAME, text)
    raise NotAnExpression


def _follow_parentheses(calls: list[bool], tokens: list[Token]) -> None:
    if tokens[-1].text == "(":
        calls.append(len(tokens) > 1 and tokens[-2].text in FUNCTIONS)
    elif tokens[-1].text == ")" and calls:
        calls.pop()


def _literal(text: str) -> Number:
    exponent = re.search(r"e[+-]?0*(\d*)$", text)
    if exponent and len(exponent[1]) > len(str(MAX_EXPONENT)):
        raise NumberTooLarge
    return bounded(Fraction(text))


class Parser:
    """One pass over the tokens, a method a level of precedence."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0

    def result(self) -> Number:
        """This will compute all the tokens.

        Raises:
            ExpressionError: they are no expression, or its value is out of bounds.
        """
        operand = self._sum()
        if self._next().kind is not Kind.END:
            raise ExpressionError(f'An operator is missing before "{self._next().text}".')
        return operand.value

    def _next(self, ahead: int = 0) -> Token:
        at = self._position + ahead
        return self._tokens[at] if at < len(self._tokens) else _END

    def _take(self) -> Token:
        token = self._next()
        self._position += 1
        return token

    def _takes(self, sign: str) -> bool:
        if self._next().kind is Kind.SIGN and self._next().text == sign:
            self._position += 1
            return True
        return False

    def _sum(self) -> Operand:
        left = self._product()
        while self._next().kind is Kind.SIGN and (operation := _SUMS.get(self._next().text)):
            self._take()
            right = self._product()
            value = right.value
            if right.is_percent and not left.is_percent:
                value = combine(left.value, value, operator.mul)
            left = Operand(combine(left.value, value, operation), left.is_percent and right.is_percent)
        return left

    def _product(self) -> Operand:
        left = self._signed()
        while self._next().kind is Kind.SIGN and (operation := _PRODUCTS.get(self._next().text)):
            self._take()
            left = Operand(combine(left.value, self._signed().value, operation))
        return left

    def _signed(self) -> Operand:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NumberTooLarge("This expression is nested too deeply.")
        if self._takes("-"):
            inner = self._signed()
            operand = Operand(-inner.value, inner.is_percent)
        elif self._takes("+"):
            operand = self._signed()
        else:
            operand = self._power()
        self._depth -= 1
        return operand

    def _power(self) -> Operand:
        base = self._postfix()
        return Operand(power(base.value, self._signed().value)) if self._takes("**") else base

    def _postfix(self) -> Operand:
        operand = Operand(self._atom())
        while True:
            if self._takes("!"):
                operand = Operand(factorial(operand.value))
            elif self._takes("°"):
                operand = Operand(combine(operand.value, math.pi / 180, operator.mul))
            elif self._is_percent_sign():
                self._take()
                operand = Operand(combine(operand.value, Fraction(100), operator.truediv), is_percent=True)
            else:
                return operand

    def _is_percent_sign(self) -> bool:
        after = self._next(1)
        starts_value = after.kind in (Kind.NUMBER, Kind.NAME) or after.text == "("
        return self._next().text == "%" and not starts_value

    def _atom(self) -> Number:
        token = self._take()
        if token.kind is Kind.NUMBER:
            return _literal(token.text)
        if token.text in CONSTANTS:
            return CONSTANTS[token.text]
        if token.text in FUNCTIONS:
            return call(token.text, self._arguments())
        if token.text == "(":
            value = self._sum().value
            self._close()
            return value
        where = "at the end" if token is _END else f'before "{token.text}"'
        raise ExpressionError(f"A number is missing {where}.")

    def _arguments(self) -> list[Number]:
        if not self._takes("("):
            return [self._signed().value]
        arguments = [self._sum().value]
        while self._takes(","):
            arguments.append(self._sum().value)
        self._close()
        return arguments

    def _close(self) -> None:
        if not self._takes(")"):
            raise ExpressionError("A closing parenthesis is missing.")
