"""Text as the store can hold it, and in one form."""

import unicodedata
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from olympus.kernel.text import clean_data, clean_text, compose_text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("plain 🏛️", "plain 🏛️"),
        ("a\x00b", "a\ufffdb"),
        ("\ud83c", "\ufffd"),
        ("\udfdb\ud83c", "\ufffd\ufffd"),
        ("", ""),
    ],
)
def test_only_what_cannot_be_stored_is_replaced(raw: str, clean: str) -> None:
    assert clean_text(raw) == clean


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_the_length_stays_and_what_comes_out_can_be_sent(raw: str) -> None:
    clean = clean_text(raw)

    assert len(clean) == len(raw)
    assert clean.encode().decode() == clean
    assert "\x00" not in clean


def test_every_text_in_plain_data_is_cleaned() -> None:
    data = {"a\x00": ["\ud800", {"b": ("\x00", 1, 1.5, None, True)}]}

    assert clean_data(data) == {"a\ufffd": ["\ufffd", {"b": ["\ufffd", 1, 1.5, None, True]}]}


@given(st.text(st.sampled_from("aé\u0301\u0327\u0308 検か\u3099\u1112\u1161\u11ab😀"), max_size=300))
def test_a_text_is_composed_as_unicode_says(raw: str) -> None:
    assert compose_text(raw) == unicodedata.normalize("NFC", raw)


def test_no_run_of_marks_takes_long_to_compose() -> None:
    begun = perf_counter()

    composed = compose_text("e" + "\u0301\u0327" * 50_000 + " cafe\u0301")

    assert perf_counter() - begun < 2
    assert composed.startswith("\u0229")
    assert composed.endswith(" café")
