"""Imports, exports and share links over REST and on the page of one's data."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from apps.chat.models import Conversation, TransferJob
from apps.chat.selectors.transfers import untaken_transfers
from apps.chat.services import transfer
from apps.chat.services.carrying import carry_out
from apps.chat.services.transfer import remove_old_transfers
from tests.chat.saying import answer, post
from tests.chat.transferring import bring_in, fixture, take_out
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(member: Someone) -> Client:
    """A member's browser."""
    return member.client()


def upload(browser: Client, data: bytes, name: str = "conversations.json", **headers: Any) -> Any:
    """Send a file."""
    return browser.post("/api/v1/imports", {"file": SimpleUploadedFile(name, data)}, **headers)


def test_a_file_sent_becomes_a_job_that_is_followed_to_its_end(browser: Client) -> None:
    sent = upload(browser, fixture("chatgpt.json"))
    job_id = sent.json()["id"]
    carry_out(job_id)

    job = browser.get(f"/api/v1/transfers/{job_id}").json()

    assert (sent.status_code, sent.json()["state"]) == (202, "queued")
    assert (job["state"], job["format"], job["done"], job["total"], job["failed"]) == ("complete", "chatgpt", 2, 2, 0)
    assert job["report"] == [{"title": "Marble and its grain · stone.png", "reason": "The file is not in the export."}]
    assert browser.get("/api/v1/transfers").json()["results"][0]["id"] == job_id
    assert not TransferJob.objects.get().file


def test_a_repeat_with_the_same_key_is_the_same_job(browser: Client) -> None:
    first, second = (upload(browser, b"[]", HTTP_IDEMPOTENCY_KEY="k") for _ in range(2))

    assert first.json()["id"] == second.json()["id"]
    assert TransferJob.objects.count() == 1


def test_an_empty_file_and_no_file_are_refused(browser: Client) -> None:
    assert upload(browser, b"").status_code == 422
    assert browser.post("/api/v1/imports").status_code == 422


def test_two_jobs_at_a_time_and_no_more_until_one_is_over(browser: Client) -> None:
    jobs = [upload(browser, b"[]").json()["id"] for _ in range(2)]

    third = upload(browser, b"[]")

    assert (third.status_code, third.json()["code"]) == (429, "transfers_busy")
    assert browser.post(f"/api/v1/transfers/{jobs[0]}/cancel").json()["state"] == "cancelled"
    assert browser.post(f"/api/v1/transfers/{jobs[0]}/cancel").status_code == 409
    assert upload(browser, b"[]").status_code == 202
    assert carry_out(jobs[0]) is False


def test_an_export_is_downloaded_by_its_owner_alone(browser: Client, member: Someone, owner: Someone) -> None:
    answer(post(member, 'A "title"; ../with\r\nodd / characters'))
    job_id = browser.post("/api/v1/exports", {"format": "json"}, content_type="application/json").json()["id"]
    assert browser.get(f"/api/v1/transfers/{job_id}/file").status_code == 404
    carry_out(job_id)

    file = browser.get(f"/api/v1/transfers/{job_id}/file")

    with zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content))) as archive:
        (conversation,) = json.loads(archive.read("conversations.json"))
    assert len(conversation["messages"]) == 2
    assert file["Content-Disposition"].startswith('attachment; filename="olympus-json-')
    assert owner.client().get(f"/api/v1/transfers/{job_id}/file").status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"format": "pdf"}, {"format": "json", "conversation_ids": []}, {"format": "json", "conversation_ids": ["x"]},
     {"format": "json", "project": "x"}, {"format": 5}, [], {"format": "json", "conversation_ids": "all"}],
)  # fmt: skip
def test_an_order_that_makes_no_sense_is_refused(body: Any, browser: Client) -> None:
    assert browser.post("/api/v1/exports", body, content_type="application/json").status_code in {400, 422}


def test_some_conversations_are_exported_and_nobody_elses(browser: Client, member: Someone, owner: Someone) -> None:
    mine, other, theirs = post(member, "Mine"), post(member, "Other"), post(owner, "Theirs")

    data = take_out(member, conversation_ids=[mine.conversation])
    refused = browser.post(
        "/api/v1/exports",
        {"format": "json", "conversation_ids": [str(other.conversation), str(theirs.conversation)]},
        content_type="application/json",
    )

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert [c["title"] for c in json.loads(archive.read("conversations.json"))] == ["Mine"]
    assert refused.status_code == 404


@pytest.mark.parametrize(
    "title", ['"; filename="x.exe', "../../etc/passwd", "名前 \u202e gnp.exe", "a" * 200, "\\\\", "..."]
)
@pytest.mark.parametrize("kind", ["markdown", "json"])
def test_one_conversation_is_taken_away_whatever_its_title(
    title: str, kind: str, browser: Client, member: Someone
) -> None:
    receipt = post(member, title)
    answer(receipt)

    file = browser.get(f"/c/{receipt.conversation}/file/?format={kind}")

    assert file.status_code == 200
    disposition = file["Content-Disposition"]
    assert disposition.startswith("attachment")
    for bad in ("/", "\\", "\u202e", ".exe;", "\r", "\n"):
        assert bad not in disposition
    assert b"".join(file.streaming_content)


def test_the_page_of_ones_data_has_the_same_queries_however_much_there_is(
    browser: Client, member: Someone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    from django.db import connection  # noqa: PLC0415 - beside its use
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    bring_in(member, fixture("chatgpt.json"))
    browser.get("/settings/data/")
    with CaptureQueriesContext(connection) as few:
        browser.get("/settings/data/")
    for _ in range(5):
        bring_in(member, fixture("claude.json"))

    with django_assert_num_queries(len(few)):
        page = browser.get("/settings/data/")

    body = page.content.decode()
    assert body.count("data-transfer=") == 6
    assert "ChatGPT" in body


def test_what_nobody_took_is_found_and_what_is_old_goes(browser: Client, member: Someone) -> None:
    job_id = upload(browser, b"[]").json()["id"]
    now = timezone.now()
    assert [str(found) for found in untaken_transfers(now=now)] == [job_id]

    carry_out(job_id)
    take_out(member)
    TransferJob.objects.update(finished_at=now - timedelta(days=8))

    assert untaken_transfers(now=now) == []
    assert remove_old_transfers(now=now) == 2
    assert TransferJob.objects.count() == 0


@pytest.mark.parametrize("title", ["\U0001f600" * 200, "../../etc/passwd", "a\r\nb: c", "x\u202egpj.exe", "..."])
def test_no_title_makes_a_name_that_cannot_be_unpacked(title: str, member: Someone) -> None:
    receipt = post(member)
    answer(receipt)
    Conversation.objects.update(title=title)

    (name,) = zipfile.ZipFile(io.BytesIO(take_out(member, "markdown"))).namelist()

    assert name.endswith(".md")
    assert len(name.encode()) < 255
    assert not set(name) & set("/\\:\r\n\u202e")


def test_of_many_exports_the_newest_are_kept(
    member: Someone, owner: Someone, monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:  # fmt: skip
    monkeypatch.setattr(transfer, "_EXPORTS_KEPT", 2)
    take_out(owner)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(4):
            take_out(member)

    kept = TransferJob.objects.filter(owner=member.user)
    assert kept.count() == 2
    assert all(job.file.storage.exists(job.file.name or "") for job in kept)
    stored = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert len(stored) == 3
    assert TransferJob.objects.filter(owner=owner.user).count() == 1


def test_links_are_made_listed_and_revoked_over_rest(browser: Client, member: Someone) -> None:
    receipt = post(member)
    answer(receipt)
    address = f"/api/v1/conversations/{receipt.conversation}/share-links"

    made = browser.post(address, {"expires_in_days": 30, "with_branches": True}, content_type="application/json")
    link = made.json()

    assert made.status_code == 201
    assert Client().get(link["url"].replace("http://testserver", "")).status_code == 200
    assert browser.get(address).json()["results"][0]["url"] == link["url"]
    assert browser.get("/api/v1/share-links").json()["results"][0]["id"] == link["id"]
    assert browser.delete(f"/api/v1/share-links/{link['id']}").status_code == 204
    assert browser.get("/api/v1/share-links").json()["results"] == []
    assert Client().get(link["url"].replace("http://testserver", "")).status_code == 404


@pytest.mark.parametrize(
    "body", [{"expires_in_days": 0}, {"expires_in_days": "soon"}, {"with_branches": "perhaps"}, [1]]
)
def test_a_link_that_makes_no_sense_is_refused(body: Any, browser: Client, member: Someone) -> None:
    receipt = post(member)
    answer(receipt)

    made = browser.post(
        f"/api/v1/conversations/{receipt.conversation}/share-links", body, content_type="application/json"
    )

    assert made.status_code in {400, 422}
