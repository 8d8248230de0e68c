"""The semantic cache: a question that means the same finds the answer, another does not."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.inference.caching.semantic import forget_expired
from apps.inference.caching.standing import forget_standing
from apps.inference.contracts import ChatMessage, ChatRole, Routed
from apps.inference.models import SemanticAnswer
from olympus.kernel.db import in_thread
from olympus.kernel.options import change_option
from tests.inference.caching import CountingModel, a_call, ask, cache_of, organization_of, text_of
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = "How do I reset my password?"


@pytest.fixture(autouse=True)
def semantic_on(owner: Someone) -> None:
    change_option("inference.cache_semantic", value=True, changed_by_id=None)
    forget_standing(organization_of(owner))


async def ask_and_keep(call: Any, model: CountingModel) -> None:
    """Ask, and wait until the answer is kept by its meaning."""
    before = await in_thread(SemanticAnswer.objects.count)
    await ask(call, model)
    for _ in range(300):
        if await in_thread(SemanticAnswer.objects.count) > before:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it was not kept")


async def test_a_question_that_means_the_same_is_answered_without_asking(owner: Someone) -> None:
    model = CountingModel()
    await ask_and_keep(a_call(owner, ASKED), model)

    again = await ask(a_call(owner, "How can I reset my password?"), model)

    assert len(model.asked) == 1
    assert cache_of(again) == "semantic"
    assert text_of(again) == "The mountain."
    assert isinstance(again[0], Routed)
    assert "means the same" in again[0].reasons[-1]


@pytest.mark.parametrize(
    ("asked", "other"),
    [
        (ASKED, "How do I change my username?"),
        ("convert miles to km please", "convert km to miles please"),
        ("What is 17 times 3?", "What is 17 times 4?"),
        ("Is it safe to eat raw chicken?", "Is it not safe to eat raw chicken?"),
        ("What is the capital of France?", "What is the capital of Germany?"),
    ],
)
async def test_a_question_that_only_looks_alike_is_asked(owner: Someone, asked: str, other: str) -> None:
    model = CountingModel()
    await ask_and_keep(a_call(owner, asked), model)

    assert cache_of(await ask(a_call(owner, other), model)) == ""


async def test_words_the_embedder_does_not_know_are_not_kept_by_their_meaning(owner: Someone) -> None:
    await ask(a_call(owner, "数学公式 one"), CountingModel())
    await ask_and_keep(a_call(owner, ASKED), CountingModel())

    assert await in_thread(SemanticAnswer.objects.count) == 1


@pytest.mark.parametrize("who", ["member", "stranger"])
async def test_nobody_finds_another_s_answers(owner: Someone, member: Someone, stranger: Someone, who: str) -> None:
    model = CountingModel()
    await ask_and_keep(a_call(owner, ASKED), model)
    other = {"member": member, "stranger": stranger}[who]
    forget_standing(organization_of(other))

    assert cache_of(await ask(a_call(other, "How can I reset my password?"), model)) == ""


async def test_another_system_prompt_or_a_conversation_shares_nothing(owner: Someone) -> None:
    model = CountingModel()
    await ask_and_keep(a_call(owner, ASKED), model)
    question = ChatMessage(ChatRole.USER, "How can I reset my password?")
    system = ChatMessage(ChatRole.SYSTEM, "Answer in French.")
    before = (ChatMessage(ChatRole.USER, "Hello"), ChatMessage(ChatRole.ASSISTANT, "Hello"))

    for messages in ((system, question), (*before, question)):
        assert cache_of(await ask(a_call(owner, messages=messages), model)) == ""


async def test_while_it_is_off_nothing_is_kept_by_its_meaning(owner: Someone) -> None:
    await in_thread(change_option, "inference.cache_semantic", False, changed_by_id=None)
    forget_standing(organization_of(owner))

    await ask(a_call(owner, ASKED), CountingModel())
    await asyncio.sleep(0.2)

    assert await in_thread(SemanticAnswer.objects.count) == 0


async def test_rows_tell_model_and_dimension_and_go_when_their_time_is_over(owner: Someone) -> None:
    model = CountingModel()
    await ask_and_keep(a_call(owner, ASKED), model)
    row = await in_thread(SemanticAnswer.objects.get)
    assert (row.embedding_model, row.dimension, row.model) == ("all-minilm-l6-v2", 384, "marble")

    await in_thread(SemanticAnswer.objects.update, expires_at=timezone.now() - timedelta(seconds=1))

    assert cache_of(await ask(a_call(owner, "How can I reset my password?"), model)) == ""
    await in_thread(SemanticAnswer.objects.exclude(pk=row.pk).delete)
    assert await in_thread(forget_expired, timezone.now()) == 1


async def test_an_answer_another_version_wrote_is_passed_over(owner: Someone) -> None:
    model = CountingModel()
    await ask_and_keep(a_call(owner, ASKED), model)
    await in_thread(lambda: SemanticAnswer.objects.update(answer={"of": "another version"}))

    again = await ask(a_call(owner, "How can I reset my password?"), model)

    assert cache_of(again) == ""
    assert text_of(again) == "The mountain."
