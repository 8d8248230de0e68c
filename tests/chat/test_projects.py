"""Projects: whose they are, who may use and change them, and what becomes of what is in them."""

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from apps.chat.errors import AttachmentRefused, ProjectNotFound
from apps.chat.models import Attachment, Conversation, Project, ProjectMember
from apps.chat.project_errors import ProjectFull
from apps.chat.services import projects, remove_deleted
from olympus.kernel.errors import Denied
from olympus.kernel.ids import uuid7
from tests.chat.saying import picture, post
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db
# Session, person, membership; then the list with all its counts in one.
LIST = 4


def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return client.generic(method, f"/api/v1{path}", json.dumps(body), "application/json", headers=headers)


def begun(who: Someone, **fields: Any) -> UUID:
    return projects.create_project(who.actor, **{"name": "Delphi", **fields}).pk


def file_in(who: Someone, project_id: UUID, data: bytes = b"Zeus", name: str = "gods.txt") -> UUID:
    added = projects.add_file(who.actor, project_id=project_id, name=name, size_bytes=len(data), file=BytesIO(data))
    return added.pk


def let_in(owner: Someone, project_id: UUID, who: Someone, role: str = "viewer") -> None:
    projects.add_member(owner.actor, project_id=project_id, email=who.user.email, role=role)


def test_a_project_is_begun_shown_and_changed(owner: Someone) -> None:
    client = owner.client()
    made = send(client, "POST", "/projects", {"name": "  Delphi  oracle ", "instructions": "Riddles."})

    assert made.status_code == 201
    project = made.json()
    assert (project["name"], project["role"], project["member_count"]) == ("Delphi oracle", "owner", 1)
    changed = send(client, "PATCH", f"/projects/{project['id']}", {"instructions": "", "is_archived": True}).json()
    assert (changed["instructions"], changed["is_archived"]) == ("", True)
    assert client.get("/api/v1/projects?is_archived=false").json()["results"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " \n"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": ["a"]}, "name"),
        ({"instructions": "x" * 20_001}, "instructions"),
        ({"instructions": 7 * [1]}, "instructions"),
    ],
)
def test_what_does_not_fit_is_told_by_its_field(change: dict[str, Any], field: str, owner: Someone) -> None:
    answer = send(owner.client(), "POST", "/projects", {"name": "Delphi", **change})

    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not Project.objects.exists()


def test_a_change_of_what_was_changed_meanwhile_is_refused(owner: Someone) -> None:
    client, path = owner.client(), f"/projects/{begun(owner)}"
    tag = client.get(f"/api/v1{path}")["ETag"]

    answers = [send(client, "PATCH", path, {"name": name}, **{"if-match": tag}) for name in ("One", "Two")]

    assert [answer.status_code for answer in answers] == [200, 412]
    assert Project.objects.get().name == "One"


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_for_others_it_is_not_there(who: str, owner: Someone, request: pytest.FixtureRequest) -> None:
    project_id = begun(owner)
    file_id = file_in(owner, project_id)
    intruder: Someone = request.getfixturevalue(who)
    client, path = intruder.client(), f"/projects/{project_id}"

    answers = [
        send(client, "GET", path), send(client, "PATCH", path, {"name": "Mine"}), send(client, "DELETE", path),
        send(client, "POST", f"{path}/restore"), send(client, "GET", f"{path}/files"),
        send(client, "DELETE", f"{path}/files/{file_id}"), send(client, "GET", f"{path}/members"),
        send(client, "POST", f"{path}/members", {"email": intruder.user.email}),
        send(client, "DELETE", f"{path}/members/{intruder.user.pk}"),
        client.post(f"/api/v1{path}/files", {"file": SimpleUploadedFile("a.txt", b"a")}),
        client.get(f"/attachments/{file_id}/"),
    ]  # fmt: skip

    assert {answer.status_code for answer in answers} == {404}
    assert client.get("/api/v1/projects").json()["results"] == []


def test_viewers_use_editors_change_and_only_the_owner_manages(owner: Someone, member: Someone) -> None:
    project_id = begun(owner)
    file_id = file_in(owner, project_id)
    let_in(owner, project_id, member)
    client, path = member.client(), f"/projects/{project_id}"

    assert send(client, "GET", path).json()["role"] == "viewer"
    served = client.get(f"/attachments/{file_id}/")
    assert (b"".join(served.streaming_content), served["Cache-Control"]) == (b"Zeus", "private, no-store")
    assert send(client, "PATCH", path, {"name": "Mine"}).status_code == 403
    assert send(client, "DELETE", f"{path}/files/{file_id}").status_code == 403

    let_in(owner, project_id, member, "editor")
    assert send(client, "PATCH", path, {"name": "Ours"}).status_code == 200
    assert send(client, "DELETE", f"{path}/files/{file_id}").status_code == 204
    for refused in (
        send(client, "PATCH", path, {"is_archived": True}),
        send(client, "DELETE", path),
        send(client, "POST", f"{path}/members", {"email": "owner@example.org"}),
        send(client, "DELETE", f"{path}/members/{owner.user.pk}"),
    ):
        assert refused.status_code == 403


def test_members_conversations_stay_theirs_alone(owner: Someone, member: Someone) -> None:
    project_id = begun(owner)
    let_in(owner, project_id, member)
    receipt = post(member, "Mine alone")
    send(member.client(), "PATCH", f"/conversations/{receipt.conversation}", {"project": str(project_id)})

    assert Conversation.objects.get().project_id == project_id
    assert owner.client().get(f"/api/v1/projects/{project_id}").json()["conversation_count"] == 0
    assert owner.client().get(f"/api/v1/conversations/{receipt.conversation}").status_code == 404
    assert member.client().get(f"/api/v1/projects/{project_id}").json()["conversation_count"] == 1


def test_only_people_of_the_organization_are_let_in(owner: Someone, stranger: Someone) -> None:
    path = f"/projects/{begun(owner)}/members"

    answers = [
        send(owner.client(), "POST", path, {"email": email})
        for email in (stranger.user.email, "nobody@example.org", owner.user.email, "no address", "a\u0000@b.c")
    ]

    assert {(answer.status_code, answer.json()["field"]) for answer in answers} == {(422, "email")}
    assert (
        send(owner.client(), "POST", path, {"email": "nobody@example.org", "role": "owner"}).json()["field"] == "role"
    )
    assert not ProjectMember.objects.exists()


def test_who_is_let_in_twice_is_there_once_with_the_new_role(owner: Someone, member: Someone) -> None:
    path = f"/projects/{begun(owner)}/members"
    body = {"email": member.user.email.upper(), "role": "viewer"}

    send(owner.client(), "POST", path, body)
    answer = send(owner.client(), "POST", path, {**body, "role": "editor"})

    assert answer.json()["role"] == "editor"
    people = owner.client().get(f"/api/v1{path}").json()["results"]
    assert [(person["email"], person["role"]) for person in people] == [
        (owner.user.email, "owner"),
        (member.user.email, "editor"),
    ]


@pytest.mark.parametrize("who", ["owner", "member"])
def test_who_leaves_or_is_removed_has_nothing_more(who: str, owner: Someone, member: Someone) -> None:
    project_id = begun(owner)
    let_in(owner, project_id, member)
    receipt = post(member)
    Conversation.objects.filter(pk=receipt.conversation).update(project=project_id)
    actor = {"owner": owner, "member": member}[who].actor

    projects.remove_member(actor, project_id=project_id, user_id=member.user.pk)

    assert Conversation.objects.get().project_id is None
    with pytest.raises(ProjectNotFound):
        projects.remove_member(member.actor, project_id=project_id, user_id=member.user.pk)
    again = send(owner.client(), "DELETE", f"/projects/{project_id}/members/{member.user.pk}")
    assert (again.status_code, again.json()["code"]) == (404, "project_member_not_found")


def test_the_owner_stays(owner: Someone) -> None:
    answer = send(owner.client(), "DELETE", f"/projects/{begun(owner)}/members/{owner.user.pk}")

    assert (answer.status_code, answer.json()["code"]) == (409, "project_owner_stays")


def test_a_deletion_is_taken_back_with_all_that_was_in_it(owner: Someone, member: Someone) -> None:
    project_id = begun(owner)
    file_id, receipt = file_in(owner, project_id), post(owner)
    let_in(owner, project_id, member)
    Conversation.objects.update(project=project_id)
    client, path = owner.client(), f"/projects/{project_id}"

    assert send(client, "DELETE", path).status_code == 204
    assert send(client, "GET", path).status_code == 404
    assert member.client().get(f"/attachments/{file_id}/").status_code == 404
    restored = send(client, "POST", f"{path}/restore").json()

    assert (restored["file_count"], restored["member_count"], restored["conversation_count"]) == (1, 2, 1)
    assert Conversation.objects.get(pk=receipt.conversation).project_id == project_id


def test_after_a_month_it_is_gone_and_its_conversations_stay(
    owner: Someone, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    project_id = begun(owner)
    path = Path(Attachment.objects.get(pk=file_in(owner, project_id)).file.path)
    kept = begun(owner)
    other = file_in(owner, kept)
    post(owner)
    Conversation.objects.update(project=project_id)
    Project.objects.filter(pk=project_id).update(deleted_at=timezone.now() - timedelta(days=31))
    Attachment.objects.update(created_at=timezone.now() - timedelta(days=60))

    with django_capture_on_commit_callbacks(execute=True):
        remove_deleted()

    assert not path.exists()
    assert Conversation.objects.get().project_id is None
    assert Attachment.objects.get().pk == other


@pytest.mark.parametrize("data", [picture(), b"%PDF-1.7", b"\0\1", b"x" * (2 * 1024 * 1024 + 1)])
def test_a_project_takes_text_alone(data: bytes, owner: Someone) -> None:
    project_id = begun(owner)

    with pytest.raises(AttachmentRefused):
        file_in(owner, project_id, data)


def test_a_project_is_full_at_its_bounds(owner: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    project_id = begun(owner)
    monkeypatch.setattr(projects, "MAX_FILES", 2)
    monkeypatch.setattr(projects, "MAX_FILES_BYTES", 10)
    file_in(owner, project_id, b"12345678")

    with pytest.raises(ProjectFull):
        file_in(owner, project_id, b"12345678")
    file_in(owner, project_id, b"1")
    with pytest.raises(ProjectFull):
        file_in(owner, project_id, b"1")


def test_files_come_and_go_over_rest(owner: Someone) -> None:
    client, path = owner.client(), f"/projects/{begun(owner)}/files"

    added = client.post(f"/api/v1{path}", {"file": SimpleUploadedFile("Notes.md", b"# Hi")}).json()

    assert (added["name"], added["media_type"], added["size_bytes"]) == ("Notes.md", "text/markdown", 4)
    assert [row["id"] for row in client.get(f"/api/v1{path}").json()["results"]] == [added["id"]]
    assert send(client, "DELETE", f"{path}/{added['id']}").status_code == 204
    assert send(client, "DELETE", f"{path}/{added['id']}").status_code == 404
    assert client.post(f"/api/v1{path}", {}).json()["field"] == "file"


def test_files_of_a_project_are_neither_sent_nor_removed_as_attachments(owner: Someone) -> None:
    file_id = file_in(owner, begun(owner))

    with pytest.raises(AttachmentRefused):
        post(owner, attachment_ids=[file_id])
    owner.client().delete(f"/api/v1/attachments/{file_id}")

    assert Attachment.objects.filter(pk=file_id).exists()
    assert owner.client().get("/api/v1/attachments").json()["results"] == []


def test_a_conversation_moves_only_into_what_one_may_use(owner: Someone, member: Someone) -> None:
    receipt, project_id = post(member), begun(owner)
    path = f"/conversations/{receipt.conversation}"

    assert send(member.client(), "PATCH", path, {"project": str(project_id)}).status_code == 404
    assert send(member.client(), "PATCH", path, {"project": str(uuid7())}).status_code == 404
    let_in(owner, project_id, member)
    assert send(member.client(), "PATCH", path, {"project": str(project_id)}).json()["project"] == str(project_id)
    assert send(member.client(), "PATCH", path, {"project": None}).json()["project"] is None


def test_a_viewer_of_the_organization_changes_nothing(owner: Someone) -> None:
    from olympus.kernel.actor import Actor, Role  # noqa: PLC0415 - beside its use

    looking = Actor(owner.actor.user_id, owner.actor.organization_id, Role.VIEWER)

    with pytest.raises(Denied):
        projects.create_project(looking, name="Mine")


def test_the_list_asks_the_same_however_long(
    owner: Someone, member: Someone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(8):
        project_id = begun(member if number % 2 else owner, name=f"Project {number}")
        if number % 2:
            let_in(member, project_id, owner, "editor")
        file_in(owner, project_id)
    client = owner.client()

    with django_assert_num_queries(LIST):
        listed = client.get("/api/v1/projects?limit=5").json()

    assert [p["role"] for p in listed["results"]] == ["owner", "editor", "owner", "editor", "owner"]
    assert {(p["file_count"], p["member_count"]) for p in listed["results"]} == {(1, 1), (1, 2)}
    assert len(client.get(f"/api/v1/projects?limit=5&cursor={listed['next']}").json()["results"]) == 3
    assert [p["name"] for p in client.get("/api/v1/projects?q=project 7").json()["results"]] == ["Project 7"]
