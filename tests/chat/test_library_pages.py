"""The pages of projects, prompts and presets: what they show, to whom, and how much they ask the database."""

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.chat.engine.variables import Variable
from apps.chat.models import Conversation, Prompt
from apps.chat.services import prompts
from apps.chat.services.presets import create_preset
from apps.chat.services.projects import add_file, add_member, change_project, create_project
from tests.chat.saying import post
from tests.support.cast import Someone
from tests.support.runs import scripted_provider

pytestmark = pytest.mark.django_db
# Session, person, membership; the person and the rail's three; then what the page itself asks.
AROUND = 7
PROJECTS, PROJECT, PROMPTS, PROMPT, PRESETS = AROUND + 1, AROUND + 5, AROUND + 2, AROUND + 4, AROUND + 3


def html_of(who: Someone, path: str) -> str:
    answer = who.client().get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def filled_project(owner: Someone, member: Someone, size: int) -> UUID:
    project_id = create_project(owner.actor, name="Delphi", instructions="Riddles.").pk
    add_member(owner.actor, project_id=project_id, email=member.user.email, role="viewer")
    for number in range(size):
        add_file(owner.actor, project_id=project_id, name=f"{number}.txt", size_bytes=4, file=BytesIO(b"Zeus"))
        post(owner, f"Question {number}")
    Conversation.objects.update(project=project_id)
    return project_id


@pytest.mark.parametrize("size", [1, 6])
def test_pages_ask_the_same_however_much_there_is(
    size: int, owner: Someone, member: Someone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scripted_provider()
    project_id = filled_project(owner, member, size)
    prompt = prompts.create_prompt(owner.actor, title="Own", text="{{a}}")
    for number in range(size):
        create_project(owner.actor, name=f"Project {number}")
        prompts.create_prompt(member.actor, title=f"Theirs {number}", text="b", is_shared=True)
        prompts.change_prompt(owner.actor, prompt_id=prompt.pk, text=f"Version {number}")
        create_preset(owner.actor, name=f"Preset {number}", model="demo")
    client = owner.client()
    client.get("/projects/")

    for path, count in {
        "/projects/": PROJECTS,
        f"/projects/{project_id}/": PROJECT,
        "/prompts/": PROMPTS,
        f"/prompts/{prompt.pk}/": PROMPT,
        "/prompts/presets/": PRESETS,
    }.items():
        with django_assert_num_queries(count):
            assert client.get(path).status_code == 200


def test_a_project_shows_its_own_conversations_files_and_people(owner: Someone, member: Someone) -> None:
    project_id = filled_project(owner, member, 2)

    html = html_of(owner, f"/projects/{project_id}/")

    for shown in ("Question 1", "1.txt", "Riddles.", member.user.email, f"/?project={project_id}"):
        assert shown in html


def test_a_viewer_of_a_project_sees_no_way_to_change_it(owner: Someone, member: Someone) -> None:
    project_id = filled_project(owner, member, 1)

    html = html_of(member, f"/projects/{project_id}/")

    assert "Riddles." in html
    assert "Leave the project" in html
    assert "Question 0" not in html
    assert "PATCH" not in html
    assert "data-remove-file" not in html


def test_many_conversations_come_a_page_at_a_time(owner: Someone, member: Someone) -> None:
    project_id = filled_project(owner, member, 1)
    row = Conversation.objects.get()
    Conversation.objects.bulk_create(
        Conversation(
            organization_id=row.organization_id, owner_id=row.owner_id, title=f"More {number}", project_id=project_id,
            updated_at=row.updated_at,
        )
        for number in range(60)
    )  # fmt: skip

    assert html_of(owner, f"/projects/{project_id}/").count('href="/c/') > 50
    for number in ("2", "99", "-1", "x", "9" * 50):
        assert owner.client().get(f"/projects/{project_id}/?page={number}").status_code == 200


def test_where_nothing_is_the_pages_say_what_to_do(owner: Someone) -> None:
    assert "A place for what belongs together" in html_of(owner, "/projects/")
    assert html_of(owner, "/prompts/").count("data-add-prompt") == 3
    assert "A model set up your way" in html_of(owner, "/prompts/presets/")
    assert html_of(owner, "/prompts/new/")


def test_an_example_is_added_in_one_press(owner: Someone) -> None:
    from apps.chat.pages.library import examples  # noqa: PLC0415 - beside its use

    for example in examples():
        answer = owner.client().post("/api/v1/prompts", example.data, "application/json")
        assert answer.status_code == 201, answer.content

    assert Prompt.objects.count() == 3


def test_an_archived_project_is_put_apart(owner: Someone) -> None:
    project = create_project(owner.actor, name="Old")

    change_project(owner.actor, project_id=project.pk, is_archived=True)

    assert "1 in the archive" in html_of(owner, "/projects/")


def test_prompts_are_filtered_by_every_word(owner: Someone) -> None:
    prompts.create_prompt(owner.actor, title="Answer a mail", text="a")
    prompts.create_prompt(owner.actor, title="Translate", text="b")

    html = html_of(owner, "/prompts/?q=mail+answer")

    assert "Answer a mail" in html
    assert "Translate" not in html
    assert "No prompt has" in html_of(owner, "/prompts/?q=%00nothing")


def test_what_people_write_cannot_act_on_the_pages(owner: Someone) -> None:
    script = "<script>alert(1)</script>"
    project = create_project(owner.actor, name=script, instructions=script)
    variable = Variable("a", label=f"</script>{script}")
    prompt = prompts.create_prompt(owner.actor, title=script, text=script, variables=[variable])
    create_preset(owner.actor, name=script, options={"system": f"'\">{script}"})

    for path in ("/projects/", f"/projects/{project.pk}/", "/prompts/", f"/prompts/{prompt.pk}/", "/prompts/presets/"):
        assert "<script>alert" not in html_of(owner, path), path


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_others_find_nothing(who: str, owner: Someone, request: pytest.FixtureRequest) -> None:
    project = create_project(owner.actor, name="Delphi")
    prompt = prompts.create_prompt(owner.actor, title="Own", text="a")
    client: Any = request.getfixturevalue(who).client()

    assert client.get(f"/projects/{project.pk}/").status_code == 404
    assert client.get(f"/prompts/{prompt.pk}/").status_code == 404
    assert "Delphi" not in client.get("/projects/").content.decode()


def test_what_is_shared_is_read_and_not_changed(owner: Someone, member: Someone) -> None:
    prompt = prompts.create_prompt(owner.actor, title="Ours", text="a {{b}}", is_shared=True)

    html = html_of(member, f"/prompts/{prompt.pk}/")

    assert "data-read-only" in html
    assert "DELETE" not in html
    assert "Duplicate" in html
