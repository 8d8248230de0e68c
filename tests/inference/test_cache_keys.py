"""Which requests share an answer."""

from dataclasses import replace
from typing import Any

import pytest

from apps.inference.contracts import (
    ChatMessage,
    ChatRequest,
    ChatRole,
    Image,
    Sampling,
    ToolCall,
    ToolSpec,
)
from apps.inference.engine.cache_keys import agree, is_repeatable, question_of, request_digest, tidy

ASKED = ChatRequest("m", (ChatMessage(ChatRole.SYSTEM, "Be brief."), ChatMessage(ChatRole.USER, "Who lives there?")))


def saying(text: str, **changes: Any) -> ChatRequest:
    return replace(ASKED, messages=(ASKED.messages[0], ChatMessage(ChatRole.USER, text)), **changes)


@pytest.mark.parametrize(
    "same",
    [
        saying("  Who lives there?\n"),
        replace(ASKED, sampling=Sampling(temperature=0.0)),
        replace(ASKED, sampling=Sampling(top_p=1.0)),
        replace(ASKED, keep_alive="5m"),
        replace(ASKED, extra={"user": "u1", "frequency_penalty": 0, "n": 1}),
    ],
)
def test_what_changes_nothing_shares_the_answer(same: ChatRequest) -> None:
    assert is_repeatable(same)
    assert request_digest(same, "me") == request_digest(ASKED, "me")


@pytest.mark.parametrize(
    "other",
    [
        saying("who lives there?"),
        saying("Who  lives there?"),
        replace(ASKED, messages=ASKED.messages[::-1]),
        replace(ASKED, messages=ASKED.messages[1:]),
        replace(ASKED, sampling=Sampling(max_tokens=5)),
        replace(ASKED, sampling=Sampling(stop=("\n",))),
        replace(ASKED, sampling=Sampling(top_p=0.5)),
        replace(ASKED, sampling=Sampling(seed=1)),
        replace(ASKED, response_schema={"type": "object"}),
        replace(ASKED, think=True),
        replace(ASKED, extra={"frequency_penalty": 1}),
        replace(ASKED, messages=(ChatMessage(ChatRole.USER, "Who lives there?", (Image("image/png", b"a"),)),)),
    ],
)
def test_what_may_change_the_answer_has_its_own(other: ChatRequest) -> None:
    assert is_repeatable(other)
    assert request_digest(other, "me") != request_digest(ASKED, "me")


def test_the_scope_and_the_model_are_part_of_the_name() -> None:
    assert request_digest(ASKED, "me", ("m",)) != request_digest(ASKED, "you", ("m",))
    assert request_digest(ASKED, "me", ("m",)) != request_digest(ASKED, "me", ("n",))


def test_line_ends_and_spaces_before_them_do_not_count_but_indents_do() -> None:
    assert tidy("a  \r\n  b \t\nc\r") == "a\n  b\nc"
    assert tidy("if x:\n    y") != tidy("if x:\n  y")
    assert tidy("e\u0301") == "é"


def test_two_images_are_told_apart_by_their_bytes() -> None:
    def seeing(data: bytes) -> str | None:
        return request_digest(replace(ASKED, messages=(ChatMessage(ChatRole.USER, "?", (Image("image/png", data),)),)))

    assert seeing(b"one") == seeing(b"one") != seeing(b"two")


@pytest.mark.parametrize(
    "unfit",
    [
        replace(ASKED, tools=(ToolSpec("t", "", {}),)),
        replace(ASKED, tool_choice="required"),
        replace(ASKED, messages=(*ASKED.messages, ChatMessage(ChatRole.TOOL, "4", tool_call_id="1"))),
        replace(ASKED, messages=(ChatMessage(ChatRole.ASSISTANT, "", tool_calls=(ToolCall("1", "t", {}),)),)),
        replace(ASKED, logprobs=0),
        replace(ASKED, goes_on=True),
        replace(ASKED, sampling=Sampling(temperature=0.7)),
        replace(ASKED, extra={"n": 2}),
        replace(ASKED, extra={"web_search_options": {}}),
    ],
)
def test_tools_chance_and_unknown_parameters_are_never_kept(unfit: ChatRequest) -> None:
    assert not is_repeatable(unfit)


def test_a_seed_makes_a_high_temperature_repeatable() -> None:
    assert is_repeatable(replace(ASKED, sampling=Sampling(temperature=0.9, seed=7)))


@pytest.mark.parametrize(
    "unfit",
    [
        saying("x" * 400_001),
        saying("\ud800"),
        replace(ASKED, messages=(ChatMessage(ChatRole.USER, "?", (Image("image/png", bytes(9 << 20)),)),)),
        replace(ASKED, response_schema={"a": object()}),
    ],
)
def test_what_cannot_be_digested_cheaply_has_no_name(unfit: ChatRequest) -> None:
    assert request_digest(unfit) is None


def test_a_question_s_scope_leaves_its_wording_open() -> None:
    one, other = question_of(saying("How do I bake bread?"), "me"), question_of(saying("How can I bake bread?"), "me")

    assert one is not None
    assert other is not None
    assert one.scope == other.scope
    assert one.text != other.text


@pytest.mark.parametrize(
    "other",
    [
        "How do I bake 3 breads?",
        "How do I not bake bread?",
        "How do I bake bread in Rome?",
        "How do I bake bread.txt()?",
    ],
)
def test_numbers_names_and_negations_are_never_left_open(other: str) -> None:
    plain, special = question_of(saying("How do I bake bread?")), question_of(saying(other))

    assert plain is not None
    assert special is not None
    assert plain.scope != special.scope


@pytest.mark.parametrize(
    "messages",
    [
        (),
        (ChatMessage(ChatRole.SYSTEM, "s"),),
        (ChatMessage(ChatRole.USER, " "),),
        (ChatMessage(ChatRole.USER, "a"), ChatMessage(ChatRole.ASSISTANT, "b"), ChatMessage(ChatRole.USER, "c")),
        (ChatMessage(ChatRole.USER, "?", (Image("image/png", b"a"),)),),
    ],
)
def test_only_one_question_alone_is_compared_by_meaning(messages: tuple[ChatMessage, ...]) -> None:
    assert question_of(replace(ASKED, messages=messages)) is None


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("convert miles to km", "convert km to miles", False),
        ("flights from rome to paris", "flights to rome from paris", False),
        ("How do I reset my password?", "I forgot my password, how do I reset it?", False),
        ("How do I reset my password?", "How can I reset my password?", True),
        ("explain photosynthesis", "please explain photosynthesis", True),
    ],
)
def test_shared_words_must_come_in_one_order(one: str, other: str, is_same: bool) -> None:
    assert agree(one, other) is is_same
