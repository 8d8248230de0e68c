"""Which server is asked first: the rule in tables, and what always holds."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.inference.contracts import Capability
from apps.inference.engine.routing import Candidate, Need, Order, Standing, Why, rank

CHAT = frozenset({Capability.CHAT})
SEES = CHAT | {Capability.VISION}
A, B, C = (0x9E3779B97F4A7C15, 0x3C6EF372FE94F82A, 0xDAA66D2C7DDF743F)


def server(name: str, number: int, **values: object) -> Candidate:
    defaults: dict[str, object] = {"capabilities": CHAT, "context_length": 8192, "is_loaded": True}
    return Candidate(name, number, **{**defaults, **values})  # type: ignore[arg-type]


def first(order: Order, candidates: list[Candidate]) -> str:
    return candidates[order.places[0]].name


@pytest.mark.parametrize(
    ("better", "worse", "need", "why"),
    [
        ({"capabilities": SEES}, {}, Need(SEES), Why.CAPABLE),
        ({"context_length": 32000}, {}, Need(tokens=20000), Why.FITS),
        ({}, {"standing": Standing.OFFLINE}, Need(), Why.OTHERS_OUT),
        ({}, {"standing": Standing.BROKEN, "priority": 1}, Need(), Why.OTHERS_OUT),
        ({"priority": 20}, {"is_busy": True}, Need(), Why.OTHERS_BUSY),
        ({"priority": 1, "is_loaded": False, "in_flight": 9}, {}, Need(), Why.PRIORITY),
        ({"in_flight": 50}, {"weight": 0}, Need(), Why.WEIGHT),
        ({"is_loaded": False}, {"is_shaky": True}, Need(), Why.STEADY),
        ({"in_flight": 3}, {"is_loaded": False}, Need(), Why.LOADED),
        ({"in_flight": 1}, {"in_flight": 2}, Need(), Why.FREE),
        ({"in_flight": 3, "weight": 40}, {"in_flight": 1, "weight": 10}, Need(), Why.FREE),
        ({"first_token_s": 0.3}, {"first_token_s": 2.0}, Need(), Why.LATENCY),
    ],
)
def test_the_better_server_comes_first_wherever_it_stands(
    better: dict[str, object], worse: dict[str, object], need: Need, why: Why
) -> None:
    for draw in range(20):
        candidates = [server("worse", A, **worse), server("better", B, **better)]
        order = rank(candidates, need, draw << 58)
        other_way = rank(candidates[::-1], need, draw << 58)

        assert first(order, candidates) == first(other_way, candidates[::-1]) == "better"
        assert order.reason is not None
        assert order.reason.why is why


def test_without_servers_there_is_no_order() -> None:
    assert rank([], Need(), 1) == Order((), None)


def test_the_only_server_is_used_even_if_it_is_out() -> None:
    order = rank([server("one", A, standing=Standing.OFFLINE)], Need(), 1)

    assert order.places == (0,)


def test_when_all_are_out_the_one_that_may_be_asked_soonest_comes_first() -> None:
    candidates = [
        server("refused", A, standing=Standing.REFUSED),
        server("later", B, standing=Standing.BROKEN, free_at=90.0),
        server("soon", C, standing=Standing.BROKEN, free_at=20.0),
    ]

    order = rank(candidates, Need(), 7)

    assert [candidates[place].name for place in order.places] == ["soon", "later", "refused"]
    assert order.reason is not None
    assert order.reason.why is Why.LEAST_BAD


def test_a_conversation_stays_with_its_server_while_that_is_not_crowded() -> None:
    servers = [server("a", A), server("b", B), server("c", C)]
    home = first(rank(servers, Need(affinity="conversation 1"), 1), servers)

    for number in range(30):
        for each in servers:
            each.in_flight = 1 if each.name == home else number % 2
        assert first(rank(servers, Need(affinity="conversation 1"), number << 58), servers) == home
    next(each for each in servers if each.name == home).in_flight = 50

    order = rank(servers, Need(affinity="conversation 1"), 1)

    assert first(order, servers) != home
    assert order.reason is not None
    assert order.reason.why is Why.FREE


def test_a_server_that_goes_away_moves_only_its_own_conversations() -> None:
    three = [server("a", A), server("b", B), server("c", C)]
    names = [f"conversation {number}" for number in range(300)]
    before = {name: first(rank(three, Need(affinity=name), 1), three) for name in names}

    after = {name: first(rank(three[:2], Need(affinity=name), 1), three[:2]) for name in names}

    assert all(after[name] == before[name] for name in names if before[name] != "c")
    assert {before[name] for name in names} == {"a", "b", "c"}


def test_calls_are_shared_by_weight() -> None:
    servers = [server("small", A, weight=10), server("large", B, weight=30)]

    wins = Counter(first(rank(servers, Need(affinity=f"c{number}"), 0), servers) for number in range(4000))

    assert 0.70 < wins["large"] / 4000 < 0.80


candidates_of_any_kind = st.lists(
    st.builds(
        Candidate,
        name=st.text(max_size=5),
        number=st.integers(0, (1 << 64) - 1),
        capabilities=st.frozensets(st.sampled_from(list(Capability))),
        context_length=st.integers(0, 10**7),
        priority=st.integers(0, 32767),
        weight=st.integers(0, 32767),
        is_loaded=st.booleans(),
        in_flight=st.integers(0, 10**6),
        first_token_s=st.none() | st.floats(0.0, 1e4),
        standing=st.sampled_from(list(Standing)),
        free_at=st.floats(0.0, 1e9),
        is_busy=st.booleans(),
        is_shaky=st.booleans(),
    ),
    max_size=8,
)
needs = st.builds(
    Need,
    capabilities=st.frozensets(st.sampled_from(list(Capability)), max_size=2),
    tokens=st.integers(0, 10**7),
    affinity=st.text(max_size=10),
)


@given(candidates_of_any_kind, needs, st.integers(0, (1 << 64) - 1))
def test_every_server_has_a_place_and_no_usable_one_stands_behind_one_that_is_out(
    candidates: list[Candidate], need: Need, draw: int
) -> None:
    order = rank(candidates, need, draw)

    assert sorted(order.places) == list(range(len(candidates)))
    assert order == rank(candidates, need, draw)
    fit = [
        each.standing is Standing.USABLE
        and each.capabilities >= need.capabilities
        and each.context_length >= need.tokens
        for each in (candidates[place] for place in order.places)
    ]
    assert fit == sorted(fit, reverse=True)


@given(candidates_of_any_kind.filter(lambda found: len(found) > 1), needs, st.integers(0, (1 << 64) - 1))
def test_a_lower_priority_number_never_makes_a_server_later(candidates: list[Candidate], need: Need, draw: int) -> None:
    place_before = rank(candidates, need, draw).places.index(0)

    candidates[0].priority = 0

    assert rank(candidates, need, draw).places.index(0) <= place_before
