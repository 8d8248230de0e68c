"""Auto and the tiers in a conversation: offered in the menu, answered by a model of theirs, named with its reasons."""

import time

import pytest
import redis

from apps.chat.models import Conversation, Message, TitleSource
from apps.chat.pages import new_chat_page
from apps.chat.titles import give_title
from apps.inference.models import Provider, Tier
from apps.inference.tiers import reading
from tests.chat.saying import post
from tests.support.cast import Someone
from tests.support.runs import running_worker, scripted_provider

TIERS = ["auto", "fast", "balanced", "powerful"]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What was connected a second ago is remembered for longer than a test."""
    reading.current.forget()


@pytest.mark.django_db
def test_the_menu_offers_auto_and_the_tiers_first_and_says_what_they_are_good_for(owner: Someone) -> None:
    scripted_provider()
    Tier.objects.create(organization_id=owner.actor.organization_id, name="fast", uses="Letters", tokens_per_s=80)

    models = new_chat_page(owner.actor).models

    assert [model.name for model in models[:4]] == TIERS
    assert models[1].note == "Letters · about 80 tokens/s"
    assert models[0].note
    assert [model.note for model in models[4:]] == ["", "", ""]
    assert [model.is_default for model in models].index(True) == 4


@pytest.mark.django_db
def test_with_one_model_there_is_nothing_to_pick_from(owner: Someone) -> None:
    catalog = [{"name": "only", "capabilities": ["chat"], "context_length": 8192}]
    organization_id = owner.actor.organization_id
    Provider.objects.create(organization_id=organization_id, name="Here", kind="scripted", catalog=catalog)

    models = new_chat_page(owner.actor).models

    assert [model.label for model in models] == ["only", "Olympus (built in)"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("model", "reason"), [("auto", "question"), ("powerful", "Powerful was asked for.")])
def test_a_tier_answers_by_one_of_its_models_and_says_why(
    model: str, reason: str, owner: Someone, store: redis.Redis
) -> None:
    scripted_provider()
    receipt = post(owner, "Tell me", model=model)

    with running_worker():
        message = ended(receipt.answer)

    assert message.state == "complete"
    assert (message.model, message.provider) == ("demo", "Script")
    assert message.route["asked"] == model
    assert message.route["tier"] == ("fast" if model == "auto" else "powerful")
    assert any(reason in said for said in message.route["reasons"])


@pytest.mark.django_db(transaction=True)
def test_a_title_is_made_by_the_fast_tier(owner: Someone) -> None:
    scripted_provider()
    Tier.objects.create(organization_id=owner.actor.organization_id, name="fast", model_names=["gone", "echo"])
    receipt = post(owner, "What is marble?")
    Message.objects.filter(pk=receipt.answer).update(state="complete", text="A stone.", model="demo", provider="Script")

    is_given = give_title(receipt.conversation, receipt.answer)

    conversation = Conversation.objects.get(pk=receipt.conversation)
    assert is_given
    # What "echo" was asked begins so; "demo", which gave the answer, tells its own text.
    assert (conversation.title, conversation.title_source) == ("Question:", TitleSource.MODEL)


def ended(answer_id: object) -> Message:
    """Wait until the answer is over."""
    for _ in range(300):
        message = Message.objects.get(pk=answer_id)
        if message.state in {"complete", "error"}:
            return message
        time.sleep(0.05)
    raise AssertionError("the answer never ended")
