"""Arithmetic: finds the expression in a question and computes it."""

import re

from apps.inference.engine.builtin.expression import MAX_LENGTH, Kind, NotAnExpression, Parser, Token, tokens_of
from apps.inference.engine.builtin.functions import FUNCTIONS
from apps.inference.engine.builtin.numbers import ExpressionError, shown
from apps.inference.engine.builtin.question import Answer, Question

_LONGEST_LEAD = 100
_LEAD = re.compile(
    r"(?:please|hey|hi|hello|(?:can|could|would) you|tell me|i want to know|and|so|"
    r"what(?:'s| is| are)|whats|how much (?:is|are|makes?)|calculate|compute|evaluate|solve|work out|"
    r"the result of|the value of|result of|the|"
    r"was (?:ist|ergibt|macht)|wie ?viel (?:ist|sind|ergibt)|berechne|rechne|combien (?:font|fait)|calcule|"
    r"cu[aá]nto es|calcula|quanto (?:fa|è|é)|calcola|hoeveel is)(?![a-z])[\s,:=]*|[=:]\s*",
    re.IGNORECASE,
)
_TRAIL = re.compile(r"[\s?=.]*(?:(?:please|equals?|make)[\s?=.]*)?$", re.IGNORECASE)
_DATE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/]\d{1,2}[-/]\d{2,4}")
_WORDS = tuple(
    (re.compile(pattern, re.IGNORECASE), sign)
    for pattern, sign in (
        (r"\bsquare root of\b", " sqrt "),
        (r"\b(?:cube|cubic) root of\b", " cbrt "),
        (r"\b(?:raised )?to the power(?: of)?\b", "**"),
        (r"\b(?:multiplied by|times)\b", "*"),
        (r"\bdivided by\b", "/"),
        (r"\bplus\b", "+"),
        (r"\bminus\b", "-"),
        (r"\bsquared\b", "**2"),
        (r"\bcubed\b", "**3"),
        (r"\b(?:percent|per cent|prozent)\b", "%"),
        (r"\bmodulo\b", " mod "),
        (r"\bfactorial of\b", " factorial "),
        ("乘以|乘", "*"),
        ("除以", "/"),
        ("加", "+"),
        ("减|減", "-"),
    )
)
# Letters of scripts that no expression is written in: the words around one in such a language.
_OTHER_SCRIPTS = re.compile(r"[\u0370-\U0003ffff]+")


def answer_arithmetic(question: Question) -> Answer | None:
    """This will compute the expression a question consists of."""
    if len(question.text) > MAX_LENGTH + _LONGEST_LEAD:
        return None
    text = expression_in(question.text)
    try:
        said = _computed(text)
    except NotAnExpression:
        return None
    except ExpressionError as error:
        said = f"I cannot compute `{text}`. {error.message}"
    return Answer(said, is_computed=True)


def _computed(text: str) -> str:
    tokens = tokens_of(text)
    if not _is_arithmetic(tokens) or _DATE.fullmatch(text):
        raise NotAnExpression
    value, is_exact = shown(Parser(tokens).result())
    if value == text:
        raise NotAnExpression
    return f"`{text}` {'=' if is_exact else '≈'} {value}"


def expression_in(text: str) -> str:
    """This will strip the words of a question around an expression and spell operators as signs."""
    text = _TRAIL.sub("", _without_lead(text))
    for word, sign in _WORDS:
        text = word.sub(sign, text)
    text = _OTHER_SCRIPTS.sub(" ", text)
    return _TRAIL.sub("", " ".join(text.split()))


def _without_lead(text: str) -> str:
    # "can you please tell me what is the …" has five; more is no question.
    for _ in range(6):
        lead = _LEAD.match(text)
        if lead is None:
            break
        text = text[lead.end() :]
    return text


def _is_arithmetic(tokens: list[Token]) -> bool:
    has_number = any(token.kind is Kind.NUMBER or token.text in {"pi", "tau"} for token in tokens)
    has_operation = any(token.kind is Kind.SIGN or token.text in FUNCTIONS for token in tokens)
    return has_number and (has_operation or [token.kind for token in tokens] == [Kind.NAME])
