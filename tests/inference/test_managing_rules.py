"""Who may use which model: it holds in the chat, over REST, for keys, in tiers, and wherever else a model is named."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from apps.accounts.models import Membership
from apps.accounts.services.keys import create_api_key
from apps.inference.calling.resolving import plan_call
from apps.inference.contracts import Caller, Capability, ChatMessage, ChatRequest, ChatRole, ModelInfo
from apps.inference.errors import ModelDenied, ModelNotFound
from apps.inference.facade import choose_model, embed_call, models_for
from apps.inference.managing.errors import NothingToUndo
from apps.inference.managing.permitting import forget_rules
from apps.inference.managing.rules import limit_model, open_model, rules_of, undo_access
from apps.inference.models import ModelRule, ModelRuleVersion, Provider, catalog_of
from apps.inference.tiers import reading
from olympus.kernel.actor import Scope
from olympus.kernel.db import connection_parameters, in_thread
from olympus.kernel.errors import Denied, Invalid
from olympus.kernel.models import AuditEntry
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db(transaction=True)
CHAT = frozenset({Capability.CHAT})


@pytest.fixture(autouse=True)
def home(owner: Someone) -> Provider:
    forget_rules()
    reading.current.forget()
    infos = [
        ModelInfo("big:latest", CHAT, is_loaded=True),
        ModelInfo("small:1b", CHAT),
        ModelInfo("vectors", frozenset({Capability.EMBEDDINGS})),
    ]
    return Provider.objects.create(
        organization_id=owner.actor.organization_id,
        name="Home",
        kind="ollama",
        base_url="http://127.0.0.1:9",
        catalog=catalog_of(infos),
    )


def names_for(who: Someone) -> list[str]:
    return [choice.model for choice in models_for(who.actor.organization_id, user_id=who.actor.user_id)]


def caller(who: Someone) -> Caller:
    return Caller(organization_id=who.actor.organization_id, user_id=who.actor.user_id, door="chat")


def asking(model: str) -> ChatRequest:
    return ChatRequest(model, (ChatMessage(ChatRole.USER, "Hello"),))


def test_without_a_rule_a_model_is_everybodys(owner: Someone, member: Someone) -> None:
    assert "big:latest" in names_for(member)
    assert names_for(member) == names_for(owner)


def test_who_may_not_use_a_model_does_not_see_it(owner: Someone, member: Someone) -> None:
    limit_model(owner.actor, model="big", roles=["admin"], user_ids=[])

    assert "big:latest" not in names_for(member)
    assert "big:latest" in names_for(owner)
    assert choose_model(member.actor.organization_id, None, user_id=member.actor.user_id).model == "small:1b"


@pytest.mark.parametrize("name", ["big", "big:latest", "Home/big", "Home/big:latest"])
def test_no_name_leads_around_a_rule(owner: Someone, member: Someone, name: str) -> None:
    limit_model(owner.actor, model="big:latest", roles=[], user_ids=[])

    with pytest.raises(ModelDenied):
        choose_model(member.actor.organization_id, name, user_id=member.actor.user_id)
    assert choose_model(owner.actor.organization_id, name, user_id=owner.actor.user_id).model == "big:latest"


def test_a_model_can_be_opened_to_a_role_or_a_person(owner: Someone, member: Someone) -> None:
    limit_model(owner.actor, model="big", roles=["member"], user_ids=[])
    by_role = "big:latest" in names_for(member)
    limit_model(owner.actor, model="big", roles=[], user_ids=[member.actor.user_id])
    by_name = "big:latest" in names_for(member)
    limit_model(owner.actor, model="big", roles=["admin"], user_ids=[])
    neither = "big:latest" in names_for(member)
    open_model(owner.actor, model="big")

    assert (by_role, by_name, neither, "big:latest" in names_for(member)) == (True, True, False, True)
    assert not rules_of(owner.actor.organization_id)
    assert AuditEntry.objects.filter(action="model.open", subject="big").exists()


async def test_a_call_is_refused_however_its_model_was_chosen(owner: Someone, member: Someone, home: Provider) -> None:
    await in_thread(ModelRule.objects.create, organization_id=owner.actor.organization_id, key="big")
    organization_id = owner.actor.organization_id
    choice = await in_thread(choose_model, organization_id, "big")
    tier = await in_thread(choose_model, organization_id, "auto")

    with pytest.raises(ModelDenied):
        await plan_call(caller(member), choice, asking("big"))
    planned = await plan_call(caller(member), tier, asking("auto"))

    assert "big:latest" not in planned.model_names
    assert planned.model_names == ("small:1b",)
    assert (await plan_call(caller(owner), choice, asking("big"))).model_names == ("big:latest",)


async def test_calls_wait_for_no_rules_that_were_read_a_moment_ago(owner: Someone, member: Someone) -> None:
    await in_thread(ModelRule.objects.create, organization_id=owner.actor.organization_id, key="big")
    choice = await in_thread(choose_model, owner.actor.organization_id, "small:1b")
    await plan_call(caller(member), choice, asking("small:1b"))

    with psycopg.connect(**connection_parameters()) as somebody_else:
        somebody_else.execute("LOCK TABLE inference_modelrule, accounts_membership")
        async with asyncio.timeout(0.4):
            plans = [await plan_call(caller(member), choice, asking("small:1b")) for _ in range(20)]

    assert {plan.model_names for plan in plans} == {("small:1b",)}


async def test_embeddings_are_held_to_it_too(owner: Someone, member: Someone) -> None:
    await in_thread(ModelRule.objects.create, organization_id=owner.actor.organization_id, key="vectors")

    with pytest.raises(ModelNotFound):
        await embed_call(caller(member), ["a text"], "vectors")


def test_rest_lists_what_the_keys_owner_may_use(owner: Someone, member: Someone) -> None:
    limit_model(owner.actor, model="big", roles=[], user_ids=[])
    _key, secret = create_api_key(actor=member.actor, name="a program", scopes=[Scope.READ])

    listed = member.client().get("/api/v1/models", headers={"Authorization": f"Bearer {secret}"}).json()["results"]

    names = [row["name"] for row in listed]
    assert "Home/small:1b" in names
    assert not any("big" in name for name in names)


def test_only_administrators_decide_and_only_about_their_own(
    owner: Someone, member: Someone, stranger: Someone
) -> None:
    with pytest.raises(Denied):
        limit_model(member.actor, model="big", roles=[], user_ids=[])
    limit_model(stranger.actor, model="big", roles=[], user_ids=[])

    assert "big:latest" in names_for(member)
    with pytest.raises(Invalid):
        limit_model(owner.actor, model="big", roles=[], user_ids=[stranger.actor.user_id])


@pytest.mark.parametrize(
    ("model", "roles", "people"), [("", [], []), ("x" * 300, [], []), ("big", ["king"], []), ("big", [], [uuid4()])]
)
def test_what_makes_no_rule_is_refused(owner: Someone, model: str, roles: list[str], people: list[object]) -> None:
    with pytest.raises(Invalid):
        limit_model(owner.actor, model=model, roles=roles, user_ids=people)  # type: ignore[arg-type]


def test_the_last_change_is_taken_back_and_put_back_again(owner: Someone, member: Someone) -> None:
    limit_model(owner.actor, model="big", roles=["admin"], user_ids=[member.user.pk])
    limit_model(owner.actor, model="big", roles=[], user_ids=[])

    seen = []
    for _ in range(3):
        undo_access(owner.actor, model="big:latest")
        seen.append("big:latest" in names_for(member))

    assert seen == [True, False, True]
    assert ModelRule.objects.get().roles == ["admin"]


def test_a_model_that_was_opened_is_kept_to_the_same_people_again(owner: Someone, member: Someone) -> None:
    limit_model(owner.actor, model="big", roles=[], user_ids=[member.user.pk])
    open_model(owner.actor, model="big")
    Membership.objects.filter(user=member.user).delete()

    rule = undo_access(owner.actor, model="big")

    assert rule is not None
    assert rule.user_ids == []


def test_what_was_never_changed_is_not_taken_back(owner: Someone, stranger: Someone) -> None:
    limit_model(stranger.actor, model="big", roles=["admin"], user_ids=[])

    with pytest.raises(NothingToUndo):
        undo_access(owner.actor, model="big")


def test_a_member_takes_back_nothing(owner: Someone, member: Someone) -> None:
    limit_model(owner.actor, model="big", roles=["admin"], user_ids=[])

    with pytest.raises(Denied):
        undo_access(member.actor, model="big")
    assert ModelRule.objects.exists()


def test_the_same_again_is_no_change_and_twenty_versions_are_kept(owner: Someone) -> None:
    for number in range(25):
        for _ in range(2):
            limit_model(owner.actor, model="big", roles=["admin"] if number % 2 else [], user_ids=[])

    assert ModelRuleVersion.objects.count() == 20


def test_the_page_and_rest_take_the_last_change_back(owner: Someone) -> None:
    client = owner.client()
    limit_model(owner.actor, model="big", roles=["admin"], user_ids=[])

    page = client.get("/settings/models/access/?model=big").content.decode()
    seen = {"model": "big", "version": ModelRuleVersion.objects.get().pk}
    said = client.post("/settings/models/access/undo/", seen, follow=True).content.decode()
    again = client.post("/settings/models/access/undo/", seen, follow=True).content.decode()
    back = client.post("/api/v1/models/access/undo", {"model": "big"}, content_type="application/json")

    assert "Undo the last change" in page
    assert "Who may use big is as it was before." in said
    assert "somebody changed it since" in again
    assert back.json() == {"model": "big", "is_open": False, "roles": ["admin"], "people": []}


def test_two_who_keep_a_model_at_once_come_one_after_the_other(owner: Someone) -> None:
    roles: list[list[str]] = [["admin"], ["member"], [], ["admin", "member"]]
    with ThreadPoolExecutor(len(roles)) as pool:
        list(pool.map(lambda each: in_own_connection(owner, each), roles))

    versions = list(ModelRuleVersion.objects.order_by("id"))
    assert versions[0].before is None
    assert [each.before for each in versions[1:]] == [each.value for each in versions[:-1]]


def in_own_connection(owner: Someone, roles: list[str]) -> None:
    try:
        limit_model(owner.actor, model="big", roles=roles, user_ids=[])
    finally:
        connection.close()


def test_an_undo_that_is_repeated_by_its_key_is_done_once(owner: Someone) -> None:
    client = owner.client()
    limit_model(owner.actor, model="big", roles=["admin"], user_ids=[])

    for _ in range(2):
        client.post(
            "/api/v1/models/access/undo",
            {"model": "big"},
            content_type="application/json",
            headers={"Idempotency-Key": "once"},
        )

    assert not ModelRule.objects.exists()
