"""Unit conversion as people ask for it, bounded."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.inference.engine.builtin.library import Library
from apps.inference.engine.builtin.question import Question, plain_question
from apps.inference.engine.builtin.units import answer_units
from tests.inference.builtin.asking import DOCS, NOW, answer

HANG_S = 2.0

WORDS = (
    "5 1e9 m km miles F C °F in to how many feet are convert square cubic per / * ^2 m^9 ** 9 kg , . ' \" 3,000 degrees"
)
words = st.sampled_from(WORDS.split())


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("5 miles in km", "5 mi = 8.04672 km"),
        ("convert 10 kg to pounds", "10 kg = 22.04622622 lb"),
        ("100 F to C", "100 °F = 37.77777778 °C"),
        ("100 °C in °F", "100 °C = 212 °F"),
        ("-40 celsius to fahrenheit", "-40 °C = -40 °F"),
        ("20 degrees celsius to fahrenheit?", "20 °C = 68 °F"),
        ("0 kelvin to celsius", "0 K = -273.15 °C"),
        ("how many feet are in 3 meters", "3 m = 9.842519685 ft"),
        ("how many feet in 3 meters?", "3 m = 9.842519685 ft"),
        ("how many seconds are there in a day", "1 d = 86400 s"),
        ("2 GB to MB", "2 GB = 2000 MB"),
        ("60 mph to km/h", "60 mph = 96.56064 km/h"),
        ("5 square meters to square feet", "5 m² = 53.81955208 ft²"),
        ("1,000 m in km", "1000 m = 1 km"),
        ("5 nautical miles in km", "5 nmi = 9.26 km"),
        ("90 minutes in hours", "90 min = 1.5 h"),
        ("10 in to cm", "10 in = 25.4 cm"),
    ],
)
async def test_an_amount_is_converted(question: str, said: str) -> None:
    assert said in await answer(question)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("5 kg to meters", "different things"),
        ("-500 C to F", "below absolute zero"),
        ("100 usd to eur", "exchange rates"),
        ("1e99 km to mm", "1e+99 km = 1e+105 mm"),
    ],
)
async def test_what_cannot_be_converted_is_explained(question: str, said: str) -> None:
    assert said in await answer(question)


@pytest.mark.parametrize(
    "question", ["5 apples in a basket", "one way to go", "5 ways to cook rice", "10 reasons to use Olympus"]
)
async def test_other_questions_are_left_alone(question: str) -> None:
    assert "No language model is connected, so" in await answer(question)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.lists(words, max_size=25).map(" ".join), st.text(max_size=200)))
def test_no_question_hangs_it_or_breaks_it(text: str) -> None:
    start = time.perf_counter()

    answer_units(Question(plain_question(text), NOW, Library(DOCS)))

    assert time.perf_counter() - start < HANG_S
