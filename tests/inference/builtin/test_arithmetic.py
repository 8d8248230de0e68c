"""Arithmetic found in questions as people ask them."""

import pytest

from tests.inference.builtin.asking import answer


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("2+2", "`2+2` = 4"),
        ("What is 15% of 80?", "= 12"),
        ("what's 7 times 8", "= 56"),
        ("can you please tell me what is 12 × 12?", "= 144"),
        ("what is the square root of 16", "= 4"),
        ("10 divided by 4", "= 2.5"),
        ("2 to the power of 10", "= 1024"),
        ("5 squared plus 1", "= 26"),
        ("5² + 1", "= 26"),
        ("1/3 =", "≈ 0.333333333333"),
        ("what is pi", "≈ 3.14159265359"),
        ("was ist 3 + 4?", "= 7"),
        ("12乘以7等于多少", "= 84"),
        ("１２＊７＝？", "= 84"),
        ("12*7は?", "= 84"),
        ("сколько будет 6*7", "= 42"),
        ("٣ + ٤", "= 7"),
    ],
)
async def test_a_question_with_an_expression_is_computed(question: str, said: str) -> None:
    assert said in (await answer(question)).splitlines()[0]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("what is 9**9**9?", "too large"),
        ("1/0", "Division by zero"),
        ("(1+2", "closing parenthesis"),
        ("170! * 400! * 400!", "too large"),
    ],
)
async def test_what_cannot_be_computed_is_said_plainly(question: str, said: str) -> None:
    first = (await answer(question)).splitlines()[0]

    assert first.startswith("I cannot compute")
    assert said in first


@pytest.mark.parametrize(
    "question", ["42", "-5", "2026-03-14", "03/14/2026", "I have 5 apples + pears", "e", "(((", "C++", "1.2.3"]
)
async def test_what_only_looks_like_arithmetic_is_left_alone(question: str) -> None:
    said = await answer(question)

    assert "cannot compute" not in said
    assert f"`{question}` =" not in said
