"""The time and the date, from the clock that was passed in."""

import pytest

from apps.inference.engine.builtin.time import ELSEWHERE, zone_of
from tests.inference.builtin.asking import answer


@pytest.mark.parametrize(
    "question",
    [
        "What time is it?",
        "what's the time",
        "current time",
        "what day is it today?",
        "today's date",
        "please tell me the date and time",
    ],
)
async def test_the_time_is_the_clocks(question: str) -> None:
    assert "It is 15:09 on Saturday, 14 March 2026 (UTC" in await answer(question)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("what time is it in Tokyo", "It is 00:09 on Sunday, 15 March 2026"),
        ("What time is it in Tokyo right now?", "It is 00:09 on Sunday, 15 March 2026"),
        ("what is the time in new york?", "It is 11:09 on Saturday"),
        ("time in San Francisco", "It is 08:09 on Saturday"),
        ("current time in India", "It is 20:39 on Saturday"),
        ("what time is it in Europe/Berlin", "It is 16:09 on Saturday"),
        ("what time is it in the UK", "It is 15:09 on Saturday"),
        ("time in CET", "It is 16:09 on Saturday"),
    ],
)
async def test_the_time_elsewhere_is_told(question: str, said: str) -> None:
    assert said in await answer(question)


async def test_an_unknown_place_is_said_to_be_unknown() -> None:
    assert "I know no time zone by the name of Narnia" in await answer("what time is it in Narnia?")


@pytest.mark.parametrize(
    "question",
    ["what time does the train leave", "time in art", "date ideas", "it is time to go", "next time in a row"],
)
async def test_other_questions_with_these_words_are_left_alone(question: str) -> None:
    assert "15:09" not in await answer(question)


def test_every_place_we_name_has_a_zone_on_this_machine() -> None:
    missing = [place for places in ELSEWHERE.values() for place in places.split("|") if zone_of(place) is None]

    assert missing == []
