"""Prompts with variables: what they ask for, what they take, and that no text slows them down."""

from typing import Any

import pytest

from apps.chat.engine.variables import (
    Fault,
    Variable,
    VariableType,
    fault_of_declarations,
    fill_in,
    names_in,
    variables_of,
)


def filled(text: str, variables: list[Variable] | None = None, **values: Any) -> Any:
    return fill_in(text, variables_of(text, variables or []), values, max_length=1000)


def test_names_come_in_the_order_of_their_first_use() -> None:
    assert names_in("{{b}} {{ a }} {{b}} {{1}} {{a-b}} {{}} { {c} } {{Größe}} {{名前}}") == ["b", "a", "Größe", "名前"]


def test_what_is_put_in_is_not_read_again() -> None:
    assert filled("{{a}} {{b}}", a="{{b}}", b="\\1").text == "{{b}} \\1"


def test_what_is_not_declared_is_text_and_needed() -> None:
    assert filled("{{a}}{{b}}", a="x").faults == {"b": Fault.REQUIRED}


def test_what_nobody_asked_for_is_refused() -> None:
    assert filled("{{a}}", a="x", c="y").faults == {"c": Fault.UNKNOWN}


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("text", "a", "a"), ("text", 12, "12"), ("text", "a\nb", Fault.ONE_LINE), ("text", "x" * 2001, Fault.TOO_LONG),
        ("text", True, Fault.NOT_TEXT), ("text", {}, Fault.NOT_TEXT), ("text", [1], Fault.NOT_TEXT),
        ("long_text", "a\nb", "a\nb"), ("long_text", "x" * 100_001, Fault.TOO_LONG),
        ("number", "3.5", "3.5"), ("number", 12, "12"), ("number", -0.5, "-0.5"), ("number", "1e3", "1e3"),
        ("number", "many", Fault.NOT_A_NUMBER), ("number", "NaN", Fault.NOT_A_NUMBER), ("number", float("inf"), Fault.NOT_A_NUMBER),
        ("number", True, Fault.NOT_A_NUMBER), ("number", 10**300, Fault.NOT_A_NUMBER), ("number", "9" * 100_000, Fault.NOT_A_NUMBER),
        ("choice", "warm", "warm"), ("choice", "cold", Fault.NOT_A_CHOICE), ("choice", 1, Fault.NOT_A_CHOICE),
        ("date", "2026-01-31", "2026-01-31"), ("date", "2026-02-31", Fault.NOT_A_DATE), ("date", "soon", Fault.NOT_A_DATE),
        ("date", 20260131, Fault.NOT_A_DATE),
        ("boolean", True, "yes"), ("boolean", "no", "no"), ("boolean", None, "no"), ("boolean", "maybe", Fault.NOT_YES_OR_NO),
        ("boolean", 7, Fault.NOT_YES_OR_NO),
    ],
)  # fmt: skip
def test_each_type_takes_what_it_is_for(kind: str, value: Any, written: Any) -> None:
    variable = Variable("a", type=VariableType(kind), choices=("warm", "brief"))

    result = (
        filled("{{a}}", [variable], a=value)
        if kind != "long_text"
        else fill_in("{{a}}", [variable], {"a": value}, max_length=200_000)
    )

    assert result.faults.get("a", result.text) == written


def test_a_number_nobody_could_write_out_is_no_value() -> None:
    assert filled("{{a}}", a=10**5000).faults == {"a": Fault.NOT_TEXT}
    assert filled("{{a}}", [Variable("a", type=VariableType.NUMBER)], a=10**5000).faults == {"a": Fault.NOT_A_NUMBER}


def test_a_default_is_put_in_and_what_is_optional_may_be_nothing() -> None:
    variables = [Variable("a", default="then"), Variable("b", required=False)]

    assert filled("{{a}}|{{b}}", variables).text == "then|"
    assert filled("{{a}}|{{b}}", variables, a="now", b="").text == "now|"


def test_what_comes_out_is_bounded() -> None:
    assert filled("{{a}}" * 900, a="x" * 1999).faults == {"a": Fault.TOO_LONG}
    assert filled("x" * 1001).faults == {"": Fault.TOO_LONG}


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ([Variable("a"), Variable("b")], None),
        ([Variable("a"), Variable("a")], ("1.name", Fault.TWICE)),
        ([Variable("2a")], ("0.name", Fault.BAD_NAME)),
        ([Variable("a b")], ("0.name", Fault.BAD_NAME)),
        ([Variable("a" * 41)], ("0.name", Fault.BAD_NAME)),
        ([Variable("a", label="x" * 121)], ("0.label", Fault.TOO_LONG)),
        ([Variable("a", type=VariableType.CHOICE)], ("0.choices", Fault.NO_CHOICES)),
        ([Variable("a", type=VariableType.CHOICE, choices=("x",), default="y")], ("0.default", Fault.NOT_A_CHOICE)),
        ([Variable("a", choices=tuple(map(str, range(101))))], ("0.choices", Fault.TOO_MANY)),
        ([Variable(f"v{n}") for n in range(51)], ("", Fault.TOO_MANY)),
    ],
)
def test_a_declaration_that_cannot_be_is_found(variables: list[Variable], found: Any) -> None:
    assert fault_of_declarations(variables) == found


@pytest.mark.timeout(5)  # a machine in a storm; it takes some milliseconds
@pytest.mark.parametrize(
    "text",
    [
        "{" * 100_000, "}" * 100_000, "{{" * 50_000 + "a" + "}}" * 50_000, "{{ " * 33_000, "{{a" * 33_000,
        "{{" + "a" * 100_000, "{{" + " " * 100_000 + "a}}", "{{a}}" * 20_000, "".join(f"{{{{v{n}}}}}" for n in range(10_000)),
    ],
)  # fmt: skip
def test_no_text_takes_long(text: str) -> None:
    filled_in = fill_in(text, variables_of(text, []), {"a": "x"}, max_length=500_000)

    assert filled_in.faults or len(filled_in.text) <= 500_000
