"""Who answered and why, and who went on: kept with the message, shown on its page, told to programs, carried along."""

from typing import Any

import msgspec
import pytest

from apps.agents.contracts import Route, RunHost, RunOutcome, RunPrompt, RunRequest, RunState
from apps.chat.engine.routes import checked_route, read_route
from apps.chat.hosting import StoredConversations, TemporaryConversations
from apps.chat.models import Message
from apps.chat.options import TurnOptions
from apps.chat.services import regenerate
from apps.chat.services.naming import same_model
from apps.chat.temporary import load_temporary
from apps.inference.contracts import Capability, ModelChoice, ProviderKind
from tests.chat.saying import answer, post
from tests.chat.transferring import bring_in, take_out
from tests.support.cast import Someone
from tests.support.runs import scripted_provider

pytestmark = pytest.mark.django_db
SWITCH = {"from": "Home", "to": "Attic", "at": 4, "model": "demo", "is_break": False, "cause": "server"}
ROUTE: dict[str, Any] = {
    "asked": "auto", "model": "demo", "provider": "Home", "tier": "fast", "reasons": ["It is <quick>."], "cache": "",
    "switches": [SWITCH],
}  # fmt: skip


def outcome(receipt: Any, who: Someone, **more: Any) -> RunOutcome:
    values = {"state": RunState.COMPLETE, "text": "So it is.", "model": "demo", "provider": "Attic", "route": ROUTE}
    return RunOutcome(
        run_id=receipt.run_id, owner_id=who.actor.user_id, thread_id=receipt.conversation,
        subject_id=receipt.answer, **{**values, **more},
    )  # fmt: skip


def answered(who: Someone, route: Any = ROUTE) -> Any:
    receipt = post(who)
    answer(receipt)
    Message.objects.filter(pk=receipt.answer).update(route=route)
    return receipt


def test_a_route_is_kept_with_the_answer_and_given_back_to_who_follows(owner: Someone) -> None:
    receipt = post(owner)

    StoredConversations().finish(outcome(receipt, owner))

    assert Message.objects.get(pk=receipt.answer).route == ROUTE
    snapshot = StoredConversations().outcome(receipt.answer, receipt.conversation)
    assert snapshot is not None
    assert msgspec.to_builtins(snapshot.route)["switches"] == [
        {name: value for name, value in SWITCH.items() if name not in {"is_break", "cause"}}
    ]


def test_a_temporary_conversation_keeps_it_too(owner: Someone) -> None:
    receipt = post(owner, options=TurnOptions(temporary=True))

    TemporaryConversations().finish(outcome(receipt, owner))

    conversation = load_temporary(receipt.conversation)
    assert conversation is not None
    assert conversation.messages[receipt.answer].route == ROUTE


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Home stopped in the middle; Attic went on."),
        ({"is_break": True}, "Home stopped in the middle; Attic began again after the break."),
        ({"at": 0}, "Home stopped while thinking; Attic began again."),
        ({"cause": "worker"}, "The work on this answer stopped in the middle; Attic went on."),
    ],
)
def test_the_page_says_who_went_on(changes: dict[str, Any], sentence: str, owner: Someone) -> None:
    receipt = answered(owner, {**ROUTE, "switches": [{**SWITCH, **changes}]})

    page = owner.client().get(f"/c/{receipt.conversation}/").content.decode()

    assert sentence in page


def test_the_page_says_who_answered_and_why(owner: Someone) -> None:
    receipt = answered(owner)

    page = owner.client().get(f"/c/{receipt.conversation}/").content.decode()

    assert "Answered by demo on Home." in page
    assert "<li>It is &lt;quick&gt;.</li>" in page


def test_an_answer_of_before_has_nothing_to_tell(owner: Someone) -> None:
    receipt = answered(owner, None)

    page = owner.client().get(f"/c/{receipt.conversation}/").content.decode()

    assert "Answered by" not in page
    assert '<ul class="switches" hidden>' in page


def test_programs_are_told(owner: Someone) -> None:
    receipt = answered(owner)

    told = owner.client().get(f"/api/v1/messages/{receipt.answer}").json()["route"]

    assert told == ROUTE


@pytest.mark.parametrize(
    "broken",
    [
        "text", 7, [], {"reasons": 7}, {"switches": [{}]}, {"reasons": ["x" * 501]}, {"reasons": ["x"] * 21},
        {"switches": [{**SWITCH, "at": -1}]}, {"switches": [{**SWITCH, "at": 10**30}]}, {"switches": [SWITCH] * 51},
        {"switches": [{**SWITCH, "cause": "?"}]},
    ],
)  # fmt: skip
def test_what_is_no_route_is_not_taken_for_one(broken: Any) -> None:
    assert checked_route(broken) is None


def test_a_route_is_read_back_as_it_was_stored() -> None:
    assert isinstance(read_route(ROUTE), Route)
    assert read_route(checked_route(ROUTE)) == read_route(ROUTE)


def test_asking_again_asks_for_what_was_asked_for(owner: Someone) -> None:
    scripted_provider()

    assert same_model(owner.actor, "Script", "demo", {**ROUTE, "asked": "auto"}) == "auto"
    assert same_model(owner.actor, "Script", "demo", {**ROUTE, "asked": ""}) == "demo"
    assert same_model(owner.actor, "Script", "demo", {**ROUTE, "asked": "Script/demo"}) == "Script/demo"
    assert same_model(owner.actor, "Script", "demo", {**ROUTE, "asked": "gone"}) == "demo"
    assert same_model(owner.actor, "Script", "demo", None) == "Script/demo"


CHOICE = ModelChoice("demo", "demo", None, "", ProviderKind.POOL, frozenset({Capability.CHAT}), 8192)


def test_a_first_answer_may_come_from_the_cache_and_another_one_may_not(owner: Someone) -> None:
    first = post(owner)
    first_prompt = prompt_of(first, owner, StoredConversations())
    answer(first)

    again = regenerate(owner.actor, client_id="again", message_id=first.answer)

    assert first_prompt.may_cache
    assert not prompt_of(again, owner, StoredConversations()).may_cache


def test_a_temporary_answer_comes_from_no_cache_and_goes_into_none(owner: Someone) -> None:
    receipt = post(owner, options=TurnOptions(temporary=True))

    prompt = prompt_of(receipt, owner, TemporaryConversations())

    assert (prompt.may_cache, prompt.may_store) == (False, False)


def prompt_of(receipt: Any, who: Someone, host: RunHost) -> RunPrompt:
    """What a worker would be given to begin with."""
    actor = who.actor
    request = RunRequest(receipt.run_id, actor.organization_id, actor.user_id, receipt.conversation, receipt.answer, {})
    return host.prompt(request, CHOICE)


def test_it_goes_along_in_an_export(owner: Someone, member: Someone) -> None:
    answered(owner)

    bring_in(member, take_out(owner), "export.zip")

    brought = Message.objects.get(owner_id=member.actor.user_id, role="assistant")
    assert read_route(brought.route) == read_route(ROUTE)
