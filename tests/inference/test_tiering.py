"""Which models the tiers are, and in what order they are tried: rules over plain data."""

import pytest

from apps.inference.contracts import Capability, TierName
from apps.inference.engine.tiering import TIERS, Basis, Connected, Need, chain, fit, pick_tiers, rate

CHAT = frozenset({Capability.CHAT})
SEES = CHAT | {Capability.VISION}
TOOLS = CHAT | {Capability.TOOLS}
FAST, BALANCED, POWERFUL = TIERS


def model(name: str, **values: object) -> Connected:
    return Connected(**{"name": name, "capabilities": CHAT, "context_length": 8192, **values})  # type: ignore[arg-type]


def picked(*models: Connected) -> dict[TierName, list[str]]:
    return {tier: [rating.model.name for rating in ratings] for tier, ratings in pick_tiers(models).items()}


def fitting(need: Need, *models: Connected) -> list[str]:
    order = fit([(m.name, BALANCED) for m in models], {m.name: m for m in models}, need)
    return [name for name, _ in order.models]


@pytest.mark.parametrize(
    ("name", "tier", "basis"),
    [
        ("llama3.2:3b", FAST, Basis.PARAMETERS),
        ("gemma3:270m", FAST, Basis.PARAMETERS),
        ("gemma3n:e4b", FAST, Basis.PARAMETERS),
        ("Qwen/Qwen2.5-7B-Instruct", BALANCED, Basis.PARAMETERS),
        ("qwen3:30b-a3b", BALANCED, Basis.PARAMETERS),
        ("mixtral:8x7b", POWERFUL, Basis.PARAMETERS),
        ("meta-llama/Llama-3.3-70B-Instruct", POWERFUL, Basis.PARAMETERS),
        ("gpt-4o-mini", FAST, Basis.NAME),
        ("gpt-5-nano", FAST, Basis.NAME),
        ("claude-haiku-4-5", FAST, Basis.NAME),
        ("gpt-4o", BALANCED, Basis.NAME),
        ("claude-sonnet-4-5", BALANCED, Basis.NAME),
        ("gpt-5", POWERFUL, Basis.NAME),
        ("claude-opus-4-1", POWERFUL, Basis.NAME),
        ("mine", BALANCED, Basis.UNKNOWN),
    ],
)
def test_a_model_is_rated_by_its_name(name: str, tier: TierName, basis: Basis) -> None:
    rating = rate(model(name))

    assert (rating.tier, rating.basis) == (tier, basis)


@pytest.mark.parametrize(("gigabytes", "tier"), [(2.0, FAST), (4.9, BALANCED), (40.0, POWERFUL)])
def test_a_model_without_a_number_is_rated_by_its_size(gigabytes: float, tier: TierName) -> None:
    rating = rate(model("mine:latest", size_bytes=int(gigabytes * 1e9)))

    assert (rating.tier, rating.basis) == (tier, Basis.SIZE)


def test_each_tier_takes_its_own_models_the_strongest_first() -> None:
    assert picked(model("a:1b"), model("b:3b"), model("c:8b"), model("d:70b"), model("e:405b")) == {
        FAST: ["b:3b", "a:1b"],
        BALANCED: ["c:8b"],
        POWERFUL: ["e:405b", "d:70b"],
    }


def test_one_model_is_all_three_tiers() -> None:
    assert picked(model("only:8b")) == {tier: ["only:8b"] for tier in TIERS}


def test_a_tier_without_a_model_of_its_own_takes_the_nearest() -> None:
    assert picked(model("a:1b"), model("b:8b")) == {FAST: ["a:1b"], BALANCED: ["b:8b"], POWERFUL: ["b:8b"]}
    assert picked(model("a:1b"), model("b:70b"))[BALANCED] == ["a:1b"]
    assert picked(model("a:70b"), model("b:405b")) == {
        FAST: ["a:70b"],
        BALANCED: ["a:70b"],
        POWERFUL: ["b:405b", "a:70b"],
    }


def test_one_in_memory_comes_first_unless_strength_is_what_counts() -> None:
    loaded = {"is_loaded": True}

    tiers = picked(model("a:1b", **loaded), model("b:3b"), model("c:30b", **loaded), model("d:70b"))

    assert tiers[FAST] == ["a:1b", "b:3b"]
    assert tiers[POWERFUL] == ["d:70b", "c:30b"]


def test_what_thinks_first_is_not_the_first_of_the_fast() -> None:
    thinks = CHAT | {Capability.THINKING}

    assert picked(model("a:4b", capabilities=thinks), model("b:3b"))[FAST] == ["b:3b", "a:4b"]


def test_what_is_not_for_talk_is_picked_only_where_nothing_else_is() -> None:
    guard, coder = model("llama-guard3:8b"), model("qwen2.5-coder:14b")

    assert picked(guard, coder, model("b:8b"))[BALANCED] == ["b:8b", "qwen2.5-coder:14b"]
    assert picked(guard)[BALANCED] == ["llama-guard3:8b"]


def test_what_does_not_chat_is_never_picked() -> None:
    embeds = model("embed:1b", capabilities=frozenset({Capability.EMBEDDINGS}))

    assert picked(embeds) == {tier: [] for tier in TIERS}


def test_a_chain_goes_on_with_the_neighbors_and_names_each_once() -> None:
    lists = {FAST: ("a", "b"), BALANCED: ("b", "c"), POWERFUL: ("d",)}

    assert [name for name, _ in chain(lists, FAST)] == ["a", "b", "c", "d"]
    assert [name for name, _ in chain(lists, BALANCED)] == ["b", "c", "d", "a"]
    assert [name for name, _ in chain(lists, BALANCED, is_thrifty=True)] == ["b", "c", "a", "d"]
    assert dict(chain(lists, FAST))["c"] is BALANCED


def test_a_picture_goes_only_to_models_that_see() -> None:
    need = Need(SEES)

    assert fitting(need, model("blind"), model("sees", capabilities=SEES)) == ["sees"]
    assert fitting(need, model("blind")) == []


def test_tools_go_to_models_that_tell_of_them_and_else_to_all() -> None:
    need = Need(TOOLS)

    assert fitting(need, model("a"), model("b", capabilities=TOOLS)) == ["b"]
    assert fitting(need, model("a")) == ["a"]


def test_sight_counts_more_than_tools_where_no_model_has_both() -> None:
    sees, calls = model("sees", capabilities=SEES), model("calls", capabilities=TOOLS)

    assert fitting(Need(SEES | TOOLS), calls, sees) == ["sees"]


def test_what_cannot_read_all_of_it_is_left_out_unless_nothing_can() -> None:
    small, large = model("small", context_length=4096), model("large", context_length=32_768)

    assert fitting(Need(CHAT, 10_000), small, large) == ["large"]
    assert fitting(Need(CHAT, 100_000), small, large) == ["large", "small"]
    assert fitting(Need(CHAT, 100), small, large) == ["small", "large"]


def test_names_that_are_not_connected_are_skipped() -> None:
    order = fit([("gone", FAST), ("a", BALANCED)], {"a": model("a")}, Need())

    assert order.models == (("a", BALANCED),)
