"""Calls that name a tier or `auto`: which models may answer, and the reasons a person reads."""

import asyncio
from collections.abc import Iterator

import pytest
from django.utils import timezone

from apps.accounts.ledger.rules import forget_rules
from apps.accounts.models import Budget, BudgetWindow
from apps.inference import facade
from apps.inference.calling import resolving
from apps.inference.calling.call import Plan
from apps.inference.calling.resolving import plan_call
from apps.inference.contracts import (
    AUTO,
    Caller,
    Capability,
    ChatMessage,
    ChatRequest,
    ChatRole,
    Image,
    ModelInfo,
    ProviderKind,
    TierName,
    ToolSpec,
)
from apps.inference.errors import ModelNotFound
from apps.inference.models import Provider, Tier, catalog_of
from apps.inference.tiers import reading
from olympus.kernel.errors import Invalid
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)
CHAT = frozenset({Capability.CHAT})
SEES = CHAT | {Capability.VISION}
HARD = "Prove step by step that sqrt(2) is irrational, and explain why the proof works in Python"


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Tiers, budgets and languages are remembered for longer than a test."""

    def forget() -> None:
        reading.current.forget()
        resolving._languages.forget()
        forget_rules()

    forget()
    yield
    forget()


def provide(who: Someone, *infos: ModelInfo, name: str = "Here", kind: str = "openai") -> Provider:
    return Provider.objects.create(
        organization_id=who.actor.organization_id,
        name=name,
        kind=kind,
        base_url="http://127.0.0.1:9/v1",
        catalog=catalog_of(list(infos)),
    )


def three(who: Someone) -> None:
    provide(who, *(ModelInfo(name, CHAT, 32_768) for name in ("quick:3b", "middle:8b", "strong:70b")))


def asking(text: str, **more: object) -> ChatRequest:
    return ChatRequest("auto", (ChatMessage(ChatRole.USER, text),), **more)  # type: ignore[arg-type]


def planned(who: Someone, name: str, request: ChatRequest, *allowed: str) -> Plan:
    caller = Caller(
        organization_id=who.actor.organization_id,
        user_id=who.actor.user_id,
        door="chat",
        allowed_models=frozenset(allowed),
    )
    return asyncio.run(plan_call(caller, facade.choose_model(who.actor.organization_id, name), request))


def test_auto_and_the_tiers_come_first_where_a_model_is_connected(owner: Someone) -> None:
    provide(owner, ModelInfo("small", CHAT, 4096), ModelInfo("sees", SEES, 32_768))

    choices = facade.models_for(owner.actor.organization_id)

    assert [choice.model for choice in choices[:4]] == [AUTO, "fast", "balanced", "powerful"]
    assert [choice.tier for choice in choices[:4]] == [None, *TierName]
    assert {choice.kind for choice in choices[:4]} == {ProviderKind.POOL}
    assert choices[0].capabilities == SEES
    assert choices[0].context_length == 32_768
    assert choices[0].provider_id is None


def test_a_key_held_to_one_servers_model_reaches_it_there_alone(owner: Someone) -> None:
    for name in ("Here", "There"):
        provide(owner, ModelInfo("team/small:latest", CHAT), ModelInfo("small", CHAT), name=name)
    allowed = ("Here/team/small", "There/small")

    assert planned(owner, "Here/team/small", asking("Hello"), *allowed).model_names == ("team/small:latest",)
    assert planned(owner, "There/small:latest", asking("Hello"), *allowed).model_names == ("small",)
    for name in ("There/team/small", "team/small", "Here/small", "small"):
        with pytest.raises(ModelNotFound):
            planned(owner, name, asking("Hello"), *allowed)


def test_without_a_model_that_chats_there_is_no_tier(owner: Someone) -> None:
    provide(owner, ModelInfo("embed", frozenset({Capability.EMBEDDINGS})))

    assert [choice.tier for choice in facade.models_for(owner.actor.organization_id)] == [None, None]
    with pytest.raises(ModelNotFound):
        facade.choose_model(owner.actor.organization_id, AUTO)


def test_a_short_question_goes_to_the_fast_tier_and_says_why(owner: Someone) -> None:
    three(owner)

    plan = planned(owner, AUTO, asking("Why is the sky blue?"))

    assert plan.tier is TierName.FAST
    assert plan.model_names == ("quick:3b", "middle:8b", "strong:70b")
    assert plan.reasons == ("Reasoning: fast.",)
    assert planned(owner, AUTO, asking("Thanks")).reasons == ("Short question without code: fast.",)


def test_a_hard_question_goes_to_the_powerful_tier(owner: Someone) -> None:
    three(owner)

    plan = planned(owner, AUTO, asking(HARD))

    assert plan.tier is TierName.POWERFUL
    assert plan.model_names == ("strong:70b", "middle:8b", "quick:3b")
    assert plan.reasons[0].endswith(": powerful.")
    assert "everal steps of thought" in plan.reasons[0]


def test_a_named_tier_is_taken_whatever_the_question(owner: Someone) -> None:
    three(owner)

    plan = planned(owner, "fast", asking(HARD))

    assert plan.tier is TierName.FAST
    assert plan.model_names[0] == "quick:3b"
    assert plan.reasons == ("Fast was asked for.",)


def test_a_model_named_plainly_is_the_only_one(owner: Someone) -> None:
    three(owner)

    assert planned(owner, "middle:8b", asking("Hi")) == Plan(("middle:8b",))


def test_what_an_owner_chose_comes_before_what_would_be_picked(owner: Someone) -> None:
    three(owner)
    provide(owner, ModelInfo("llama3.2:latest", CHAT, 8192), name="Home", kind="ollama")
    names = ["gone:1b", "strong:70b", "llama3.2"]
    Tier.objects.create(organization_id=owner.actor.organization_id, name="fast", model_names=names)

    plan = planned(owner, "fast", asking("Hi"))

    assert plan.model_names == ("strong:70b", "llama3.2:latest", "middle:8b")


def test_a_tier_whose_models_are_all_gone_goes_to_its_neighbors(owner: Someone) -> None:
    three(owner)
    Tier.objects.create(organization_id=owner.actor.organization_id, name="fast", model_names=["gone:1b"])

    plan = planned(owner, "fast", asking("Hi"))

    assert plan.model_names == ("middle:8b", "strong:70b")
    assert plan.reasons == ("Fast was asked for.", "No fast model can do this: balanced.")


def test_tiers_of_another_organization_do_not_count(owner: Someone, stranger: Someone) -> None:
    three(owner)
    provide(stranger, ModelInfo("theirs:1b", CHAT), name="Theirs")
    Tier.objects.create(organization_id=stranger.actor.organization_id, name="fast", model_names=["strong:70b"])

    assert planned(owner, "fast", asking("Hi")).model_names[0] == "quick:3b"
    assert planned(stranger, "fast", asking("Hi")).model_names == ("theirs:1b",)


def test_a_picture_goes_to_a_model_that_sees(owner: Someone) -> None:
    three(owner)
    provide(owner, ModelInfo("eyes:12b", SEES, 8192), name="Two")
    looked = ChatRequest("auto", (ChatMessage(ChatRole.USER, "What is this?", images=(Image("image/png", b"x"),)),))

    plan = planned(owner, AUTO, looked)

    assert plan.model_names == ("eyes:12b",)
    assert "Only models that see images." in plan.reasons


def test_a_picture_nobody_sees_is_refused_in_words(owner: Someone) -> None:
    three(owner)
    looked = ChatRequest("auto", (ChatMessage(ChatRole.USER, "What is this?", images=(Image("image/png", b"x"),)),))

    with pytest.raises(Invalid, match="sees images"):
        planned(owner, AUTO, looked)


def test_tools_and_schemas_narrow_the_choice(owner: Someone) -> None:
    three(owner)
    able = CHAT | {Capability.TOOLS, Capability.STRUCTURED_OUTPUT}
    provide(owner, ModelInfo("able:7b", able, 8192), name="Two")
    tool = ToolSpec("look", "looks", {"type": "object"})

    assert planned(owner, AUTO, asking("Hi", tools=(tool,))).model_names == ("able:7b",)
    assert planned(owner, AUTO, asking("Hi", response_schema={"type": "object"})).model_names == ("able:7b",)


def test_a_long_conversation_goes_where_it_can_be_read(owner: Someone) -> None:
    provide(owner, ModelInfo("quick:3b", CHAT, 4096), ModelInfo("middle:8b", CHAT, 32_768))
    said = [ChatMessage(ChatRole.USER, "word " * 11_200), ChatMessage(ChatRole.USER, "And?")]

    plan = planned(owner, AUTO, ChatRequest("auto", tuple(said)))

    assert plan.model_names == ("middle:8b",)
    assert "The conversation is about 14,000 tokens long." in plan.reasons
    assert "1 model cannot read all of it." in plan.reasons


def test_a_budget_that_is_nearly_used_lowers_what_auto_picks(owner: Someone) -> None:
    three(owner)
    forget_rules()
    budget = Budget.objects.create(
        organization_id=owner.actor.organization_id, subject="everybody", metric="requests", period="day", limit=100
    )
    use(budget, owner, 95)

    plan = planned(owner, AUTO, asking(HARD))

    assert plan.tier is TierName.BALANCED
    assert plan.model_names == ("middle:8b", "quick:3b", "strong:70b")
    assert "Your budget is nearly used: balanced instead." in plan.reasons
    assert planned(owner, "powerful", asking("Hi")).tier is TierName.POWERFUL


def use(budget: Budget, who: Someone, used: int) -> None:
    BudgetWindow.objects.create(budget=budget, subject_id=who.actor.user_id, starts_on=timezone.now().date(), used=used)


@pytest.mark.parametrize(
    ("allowed", "names"),
    [
        (["middle:8b"], ("middle:8b",)),
        (["middle:8b", "auto"], ("middle:8b",)),
        (["auto"], ("quick:3b", "middle:8b", "strong:70b")),
        (["fast"], ("quick:3b",)),
        (["fast", "strong:70b"], ("quick:3b", "strong:70b")),
    ],
)
def test_a_key_is_held_to_its_models(owner: Someone, allowed: list[str], names: tuple[str, ...]) -> None:
    three(owner)

    assert planned(owner, AUTO, asking("Hi"), *allowed).model_names == names


@pytest.mark.parametrize("name", [AUTO, "powerful", "quick:3b"])
def test_a_key_without_any_of_the_models_is_refused(owner: Someone, name: str) -> None:
    three(owner)

    with pytest.raises(ModelNotFound, match="key"):
        planned(owner, name, asking("Hi"), "other")


def test_the_reasons_are_written_as_the_person_reads(owner: Someone) -> None:
    three(owner)
    owner.user.language = "de"
    owner.user.save()

    plan = planned(owner, AUTO, asking("word " * 11_200))

    assert any("14.000" in reason for reason in plan.reasons)


def test_a_model_connected_a_moment_ago_is_found(owner: Someone) -> None:
    provider = provide(owner, ModelInfo("first:3b", CHAT))
    planned(owner, AUTO, asking("Hi"))
    provider.catalog = catalog_of([ModelInfo("eyes:3b", SEES)])
    provider.save()
    looked = ChatRequest("auto", (ChatMessage(ChatRole.USER, "Look", images=(Image("image/png", b"x"),)),))

    assert planned(owner, AUTO, looked).model_names == ("eyes:3b",)
