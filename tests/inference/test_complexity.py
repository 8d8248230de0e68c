"""How hard a question is: what is found, and which tier it asks for."""

import pytest

from apps.inference.contracts import TierName
from apps.inference.engine.complexity import Complexity, Question, SignalKind, analyze, estimate_tokens


def looked_at(text: str, **more: object) -> Complexity:
    return analyze(Question(text=text, **more))  # type: ignore[arg-type]


def kinds(found: Complexity) -> set[SignalKind]:
    return {signal.kind for signal in found.signals}


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("", TierName.FAST),
        ("Hi", TierName.FAST),
        ("What is the capital of France?", TierName.FAST),
        ("Wie heißt die Hauptstadt von Frankreich?", TierName.FAST),
        ("你好", TierName.FAST),
        ("翻訳: hello", TierName.FAST),
        ("Warum ist der Himmel blau?", TierName.FAST),
        ("Write a Python function that reverses a linked list", TierName.BALANCED),
        ("Schreibe eine Funktion in Python, die eine Liste sortiert", TierName.BALANCED),
        ("Escribe una función en Python que ordene una lista", TierName.BALANCED),
        ("用Python写一个快速排序函数", TierName.BALANCED),
        ("Pythonで関数を書いてください", TierName.BALANCED),
        ("Prove that the square root sqrt(2) is irrational", TierName.POWERFUL),
        ("Beweise Schritt für Schritt, dass die Gleichung x^2 = 2 keine Lösung hat", TierName.POWERFUL),
        ("Démontre étape par étape ce théorème sur l'intégrale et la matrice", TierName.POWERFUL),
        ("请一步一步证明这个方程，并分析为什么", TierName.POWERFUL),
        (
            "Compare Kafka and RabbitMQ step by step, weigh the trade-offs and design an architecture in Python "
            "with a REST api that must keep exactly-once delivery without loss",
            TierName.POWERFUL,
        ),
    ],
)
def test_a_question_asks_for_a_tier(text: str, tier: TierName) -> None:
    assert looked_at(text).tier is tier


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("def f(x):\n    return {x: 1};\n", SignalKind.CODE),
        ("```\nls\n```", SignalKind.CODE),
        ("∫ x² dx ≤ ∞", SignalKind.MATHS),
        (r"\frac{a}{b}", SignalKind.MATHS),
        ("Why? How? When? Who?", SignalKind.QUESTIONS),
        ("为什么？怎么？谁？", SignalKind.QUESTIONS),
        ("Rules:\n- one\n- two\n- three\n", SignalKind.CONSTRAINTS),
        ("It must have at least three and at most five", SignalKind.CONSTRAINTS),
        ("Vergleiche und bewerte beide", SignalKind.REASONING),
        ("Explique pourquoi", SignalKind.REASONING),
        ("Explica por qué", SignalKind.REASONING),
        ("なぜですか", SignalKind.REASONING),
        ("the pros and cons", SignalKind.HARD),
        ("word " * 400, SignalKind.LENGTH),
    ],
)
def test_what_is_found_is_named(text: str, kind: SignalKind) -> None:
    assert kind in kinds(looked_at(text))


@pytest.mark.parametrize(
    "text",
    [
        "What class should I return to? I fly first class.",
        "Let us import olives from Greece",
        "I live at 12 Oak Street, and my table seats eight.",
    ],
)
def test_prose_is_not_taken_for_code(text: str) -> None:
    assert SignalKind.CODE not in kinds(looked_at(text))


def test_what_goes_along_counts_too() -> None:
    alone = looked_at("Describe it")
    along = looked_at(
        "Describe it", image_count=2, tool_count=6, has_schema=True, wants_thinking=True, conversation_tokens=40_000
    )

    assert alone.tier is TierName.FAST
    assert along.tier is TierName.POWERFUL
    assert kinds(along) >= {
        SignalKind.IMAGES,
        SignalKind.TOOLS,
        SignalKind.SCHEMA,
        SignalKind.THINKING,
        SignalKind.CONVERSATION,
    }


def test_the_points_are_the_sum_of_the_signals_and_the_weightiest_come_first() -> None:
    found = looked_at("Prove step by step why this Python function has a bug", conversation_tokens=20_000)

    points = [signal.points for signal in found.signals]
    assert sum(points) == found.points
    assert points == sorted(points, reverse=True)


def test_a_question_at_the_end_of_a_megabyte_is_seen() -> None:
    pasted = "The mountain stands in the clouds. " * 30_000

    found = looked_at(f"{pasted}\nProve the theorem.")

    assert SignalKind.HARD in kinds(found)
    assert found.token_count == pytest.approx(len(pasted) / 4, rel=0.01)


def test_only_so_much_is_read_however_long_the_text_is() -> None:
    class Counted(str):
        __slots__ = ()
        read = 0

        def __getitem__(self, key: object) -> str:
            part = super().__getitem__(key)  # type: ignore[index]
            Counted.read += len(part)
            return part

    analyze(Question(text=Counted("a" * 1_000_000)))

    assert 0 < Counted.read < 10_000


@pytest.mark.parametrize(
    "text", ["\x00" * 5000, "\ud800" * 5000, " " * 5000, "\n" * 5000, "a-" * 5000, "🏛" * 5000, "`" * 5000]
)
def test_odd_text_is_looked_at_like_any_other(text: str) -> None:
    assert looked_at(text).token_count > 0


@pytest.mark.parametrize(("text", "least", "most"), [("", 0, 0), ("abcd" * 10, 10, 10), ("日本語" * 100, 290, 310)])
def test_tokens_are_estimated(text: str, least: int, most: int) -> None:
    assert least <= estimate_tokens(text) <= most
