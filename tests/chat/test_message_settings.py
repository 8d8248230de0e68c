"""What a message does not say, its conversation's settings do; a new one begins with a preset, or in a project."""

import pytest
import redis
from django.utils import timezone

from apps.agents.models import Run
from apps.chat.contracts import Receipt
from apps.chat.models import Conversation, Message, Preset, Project, ProjectMember
from apps.chat.options import Tool, TurnOptions
from apps.chat.pages import conversation_page, new_chat_page
from apps.chat.services import edit_message, regenerate
from olympus.kernel.errors import Invalid, NotFound
from olympus.kernel.ids import uuid7
from tests.chat.saying import answer, attach, post
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db


def asked(receipt: Receipt) -> tuple[str, dict[str, object]]:
    run = Run.objects.get(pk=receipt.run_id)
    return run.model, run.options


def preset(who: Someone, **more: object) -> Preset:
    return Preset.objects.create(
        organization_id=who.actor.organization_id,
        owner_id=who.actor.user_id,
        name="Mine",
        model="echo",
        options={"temperature": 0.2, "system": "Be brief"},
        is_default=True,
        **more,
    )


def project(who: Someone) -> Project:
    return Project.objects.create(organization_id=who.actor.organization_id, owner_id=who.actor.user_id, name="Work")


def test_what_the_first_message_said_holds_for_the_next(owner: Someone) -> None:
    first = post(owner, model="demo", options=TurnOptions(temperature=0.5, system="Be brief"))

    second = post(owner, conversation_id=first.conversation)

    assert asked(second) == ("demo", {"temperature": 0.5, "system": "Be brief"})


def test_a_message_wins_over_the_settings_field_by_field(owner: Someone) -> None:
    first = post(owner, model="demo", options=TurnOptions(temperature=0.5, system="Be brief"))

    other = post(owner, conversation_id=first.conversation, model="echo", options=TurnOptions(temperature=1.0))
    then = post(owner, conversation_id=first.conversation)

    assert asked(other) == ("echo", {"temperature": 1.0, "system": "Be brief"})
    assert asked(then) == ("echo", {"temperature": 0.5, "system": "Be brief"}), "the model last used goes on"


def test_tools_and_a_schema_are_of_one_message(owner: Someone) -> None:
    options = TurnOptions(tools=[Tool(name="add")], format={"type": "object"}, seed=1)

    first = post(owner, options=options)
    second = post(owner, conversation_id=first.conversation)

    assert asked(second)[1] == {"seed": 1}


def test_a_new_conversation_begins_with_the_default_preset(owner: Someone, member: Someone) -> None:
    mine = preset(owner)

    begun, other = post(owner), post(member)

    assert asked(begun) == ("echo", {"temperature": 0.2, "system": "Be brief"})
    assert Conversation.objects.get(pk=begun.conversation).settings["preset"] == str(mine.pk)
    assert asked(other) == ("", {})
    assert new_chat_page(owner.actor).settings["model"] == "echo"


@pytest.mark.parametrize("given", [{"model": "demo"}, {"options": TurnOptions(top_k=3)}])
def test_a_preset_gives_way_to_anything_else_that_is_given(given: dict[str, object], owner: Someone) -> None:
    preset(owner)

    begun = post(owner, **given)

    assert "temperature" not in asked(begun)[1]


def test_a_temporary_conversation_keeps_its_settings_too(owner: Someone, store: redis.Redis) -> None:
    first = post(owner, model="demo", options=TurnOptions(temporary=True, temperature=0.5))

    second = post(owner, conversation_id=first.conversation)

    assert asked(second) == ("demo", {}), "nothing of it is in the database"
    settings = conversation_page(owner.actor, first.conversation).settings
    assert settings == {"model": "demo", "options": {"temperature": 0.5}}


def test_another_answer_may_be_asked_for_otherwise(owner: Someone) -> None:
    first = post(owner, model="demo", options=TurnOptions(temperature=0.5, top_k=3))
    answer(first)

    again = regenerate(
        owner.actor, client_id="r", message_id=first.answer, model="echo", options=TurnOptions(temperature=1.0)
    )

    assert asked(again) == ("echo", {"temperature": 1.0, "top_k": 3})


def test_an_answer_of_a_model_nobody_offers_any_more_is_asked_of_the_conversations_own(owner: Someone) -> None:
    first = post(owner)
    answer(first)
    Message.objects.filter(pk=first.answer).update(model="gone", provider="Away")
    Conversation.objects.update(settings={"model": "here"})

    again = regenerate(owner.actor, client_id="r", message_id=first.answer)

    assert asked(again)[0] == "here"


def test_a_conversation_begins_in_a_project_of_ones_own_or_as_a_member(owner: Someone, member: Someone) -> None:
    work = project(owner)
    ProjectMember.objects.create(project=work, user_id=member.actor.user_id)

    for who in (owner, member):
        begun = post(who, project_id=work.pk)
        page = conversation_page(who.actor, begun.conversation)
        assert page.project is not None
        assert (page.project.id, page.project.name) == (work.pk, "Work")


def test_a_project_of_others_is_not_found(owner: Someone, member: Someone, stranger: Someone) -> None:
    work = project(owner)

    for who in (member, stranger):
        with pytest.raises(NotFound):
            post(who, project_id=work.pk)
    with pytest.raises(NotFound):
        post(owner, project_id=uuid7())
    assert not Conversation.objects.exists()


def test_a_project_is_given_only_where_a_stored_conversation_begins(owner: Someone, store: redis.Redis) -> None:
    work, first = project(owner), post(owner)

    for wrong in ({"conversation_id": first.conversation}, {"options": TurnOptions(temporary=True)}):
        with pytest.raises(Invalid) as caught:
            post(owner, project_id=work.pk, **wrong)
        assert caught.value.field == "project"


def test_a_conversation_begun_empty_takes_its_title_from_its_first_message(owner: Someone) -> None:
    empty = Conversation.objects.create(
        organization_id=owner.actor.organization_id,
        owner_id=owner.actor.user_id,
        title="New conversation",
        updated_at=timezone.now(),
    )

    post(owner, "What is amber?", conversation_id=empty.pk)

    assert Conversation.objects.get().title == "What is amber?"


def test_an_edit_names_the_files_it_carries(owner: Someone) -> None:
    one, two = attach(owner), attach(owner)
    first = post(owner, attachment_ids=[one, two])
    new = attach(owner, name="new.png")

    edited = edit_message(
        owner.actor,
        client_id="e",
        message_id=first.message,  # type: ignore[arg-type]
        text="Rather",
        attachment_ids=[two, new],
    )

    assert edited.message is not None
    message = Message.objects.get(pk=edited.message)
    assert sorted(message.attachments.values_list("name", flat=True)) == ["a.png", "new.png"]
    assert Message.objects.get(pk=first.message).attachments.count() == 2
