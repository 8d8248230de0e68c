"""The owners' admin over runs and conversations: it shows that they are there and nobody's words."""

from io import BytesIO

import pytest
from django.test import Client

from apps.agents.models import Run, RunLog
from apps.chat.options import TurnOptions
from apps.chat.services.presets import create_preset
from apps.chat.services.projects import add_member, create_project
from apps.chat.services.prompts import create_prompt
from olympus.kernel.models import AuditEntry
from tests.chat.saying import answer, attach, post
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
SECRET = "amber"
LISTS = [
    "/admin/agents/run/", "/admin/agents/runlog/", "/admin/agents/worker/",
    "/admin/chat/conversation/", "/admin/chat/message/", "/admin/chat/attachment/", "/admin/chat/project/",
    "/admin/chat/projectmember/", "/admin/chat/prompt/", "/admin/chat/preset/",
]  # fmt: skip


@pytest.fixture
def admin(owner: Someone) -> Client:
    """The owner's browser."""
    owner.user.is_staff = owner.user.is_superuser = True
    owner.user.save()
    return owner.client()


@pytest.fixture
def said(member: Someone, admin: Client) -> dict[str, object]:
    """A member's conversation with a secret wherever words go; each list with a row of it."""
    from apps.chat.attaching import attach_file  # noqa: PLC0415 - beside its use
    from tests.chat.saying import picture  # noqa: PLC0415

    data = picture()
    file_id = attach_file(member.actor, name=f"{SECRET}.png", size_bytes=len(data), file=BytesIO(data)).pk
    options = TurnOptions(system=f"{SECRET} system")
    receipt = post(member, f"{SECRET} question", options=options, attachment_ids=[file_id])
    answer(receipt, f"{SECRET} answer")
    log = RunLog.objects.create(run_id=receipt.run_id, seq=1, kind="token", content=SECRET, data={"a": SECRET})
    project = create_project(member.actor, name=SECRET, instructions=SECRET)
    shared = add_member(member.actor, project_id=project.pk, email="owner@example.org", role="viewer")
    prompt = create_prompt(member.actor, title=SECRET, text=SECRET)
    preset = create_preset(member.actor, name=SECRET, options={"system": SECRET})
    return {
        "/admin/chat/project/": project.pk, "/admin/chat/projectmember/": shared.pk,
        "/admin/chat/prompt/": prompt.pk, "/admin/chat/preset/": preset.pk,
        "/admin/agents/run/": receipt.run_id, "/admin/agents/runlog/": log.pk,
        "/admin/chat/conversation/": receipt.conversation, "/admin/chat/message/": receipt.answer,
        "/admin/chat/attachment/": file_id,
    }  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
def test_lists_open_and_search_and_show_nobodys_words(path: str, admin: Client, said: dict[str, object]) -> None:
    for query in ("", "?q=member@example.org", f"?q={said.get(path, 'here')}"):
        page = admin.get(path + query)
        assert page.status_code == 200
        assert SECRET not in page.content.decode()


@pytest.mark.parametrize("path", [path for path in LISTS if "worker" not in path])
def test_rows_open_and_show_nobodys_words(path: str, admin: Client, said: dict[str, object]) -> None:
    page = admin.get(f"{path}{said[path]}/change/")

    assert page.status_code == 200
    assert SECRET not in page.content.decode()


@pytest.mark.parametrize("path", LISTS)
def test_nothing_is_added_changed_or_deleted_there(path: str, admin: Client, said: dict[str, object]) -> None:
    pk = said.get(path, "1")

    assert admin.get(f"{path}add/").status_code == 403
    assert admin.post(f"{path}{pk}/change/", {"state": "complete"}).status_code in {302, 403}
    assert admin.post(f"{path}{pk}/delete/", {"post": "yes"}).status_code in {302, 403}
    assert admin.post(path, {"action": "delete_selected", "_selected_action": [str(pk)], "post": "yes"}).status_code
    assert Run.objects.count() == 1


def test_an_owner_stops_anybodys_run_and_the_log_tells(admin: Client, member: Someone) -> None:
    receipt = post(member)

    admin.post("/admin/agents/run/", {"action": "stop", "_selected_action": [str(receipt.run_id)]})

    assert Run.objects.get().state == "cancelled"
    assert AuditEntry.objects.filter(action="run.stop", subject=str(receipt.run_id)).exists()


def test_a_run_of_another_organization_is_not_stopped(admin: Client, stranger: Someone) -> None:
    receipt = post(stranger, attachment_ids=[attach(stranger)])

    admin.post("/admin/agents/run/", {"action": "stop", "_selected_action": [str(receipt.run_id)]})

    assert Run.objects.get().state == "queued"
