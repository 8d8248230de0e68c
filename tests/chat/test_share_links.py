"""A share link shows a conversation as it stood, to whoever holds it, until it ends; and nothing else of anybody."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apps.chat.models import Attachment, Message, ShareLink
from apps.chat.services import delete_conversation, edit_message, rename_conversation
from apps.chat.services.sharing import create_share_link, revoke_for_others, revoke_share_link
from olympus.kernel.errors import Conflict, Denied, Invalid, NotFound
from olympus.kernel.models import AuditEntry
from olympus.kernel.options import change_option
from tests.chat.saying import answer, attach, post
from tests.chat.transferring import as_json, bring_in, chatgpt
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db


def said(who: Someone, text: str = "Tell me", reply: str = "So it is.", **more: Any) -> Any:
    """A message with its answer."""
    receipt = post(who, text, **more)
    answer(receipt, reply)
    return receipt


def share(who: Someone, conversation_id: UUID, *, days: int | None = 7, branches: bool = False) -> ShareLink:
    """A link to a conversation."""
    return create_share_link(who.actor, conversation_id=conversation_id, expires_in_days=days, with_branches=branches)


def opened(link: ShareLink, query: str = "") -> Any:
    """What somebody without an account gets."""
    return Client().get(f"/s/{link.token}/{query}")


def test_anybody_reads_what_was_said_and_nothing_of_who_said_it(member: Someone) -> None:
    receipt = said(member, "Is marble **hard**?", "It is <script>alert(1)</script> *soft*.")
    Message.objects.filter(pk=receipt.answer).update(thinking="secret thought")

    page = opened(share(member, receipt.conversation))

    body = page.content.decode()
    assert page.status_code == 200
    assert "Is marble **hard**?" in body
    assert "<em>soft</em>" in body
    assert "<script>alert" not in body
    for secret in ("member@example.org", "Member", "secret thought"):
        assert secret not in body
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert page["Cache-Control"] == "no-store"
    assert "script-src 'self'" in page["Content-Security-Policy"]


def test_what_is_said_and_renamed_later_is_not_shown(member: Someone) -> None:
    receipt = said(member, "First")
    link = share(member, receipt.conversation)
    said(member, "Second", "Later words", conversation_id=receipt.conversation)
    rename_conversation(member.actor, conversation_id=receipt.conversation, title="Renamed")

    body = opened(link).content.decode()

    assert "First" in body
    for later in ("Second", "Later words", "Renamed"):
        assert later not in body


def test_branches_are_shown_only_when_shared_and_only_those_there_were(member: Someone) -> None:
    first = said(member, "Old question", "Old answer")
    edited = edit_message(member.actor, client_id="e", message_id=first.message, text="New question")  # type: ignore[arg-type]
    answer(edited, "New answer")
    alone, together = share(member, first.conversation), share(member, first.conversation, branches=True)
    later = edit_message(member.actor, client_id="l", message_id=first.message, text="Third question")  # type: ignore[arg-type]
    answer(later, "Third answer")

    assert "2 / 2" not in opened(alone).content.decode()
    body = opened(together).content.decode()
    assert "New answer" in body
    assert "2 / 2" in body
    assert "Old answer" in opened(together, f"?leaf={first.answer}").content.decode()
    assert opened(together, f"?leaf={later.answer}").status_code == 404
    assert opened(alone, f"?leaf={first.answer}").status_code == 404


def test_what_is_imported_later_with_old_times_is_not_shown(member: Someone) -> None:
    first = (("a", "user", None, "Hi"), ("b", "assistant", "a", "Hello"))
    bring_in(member, as_json(chatgpt(*first)))
    link = share(member, Message.objects.get(text="Hello").conversation_id, branches=True)
    bring_in(member, as_json(chatgpt(*first, ("c", "assistant", "a", "Howdy"), ("d", "user", "b", "More"))))

    body = opened(link).content.decode()

    assert "Howdy" not in body
    assert "More" not in body


@pytest.mark.parametrize("end", ["revoked", "expired", "deleted", "off", "disabled", "unknown"])
def test_all_that_is_over_looks_the_same(end: str, member: Someone, owner: Someone) -> None:
    receipt = said(member)
    link = share(member, receipt.conversation)
    if end == "revoked":
        revoke_share_link(member.actor, link_id=link.pk)
    elif end == "expired":
        ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif end == "deleted":
        delete_conversation(member.actor, conversation_id=receipt.conversation)
    elif end == "off":
        change_option("chat.sharing", False, changed_by_id=owner.user.pk)
    elif end == "disabled":
        type(member.user).objects.filter(pk=member.user.pk).update(is_active=False)
    address = f"/s/{'x' * 43 if end == 'unknown' else link.token}/"

    page = Client().get(address)

    assert page.status_code == 404
    assert "This link leads nowhere" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("token", ["%00", "a" * 5000, "%F0%9F%98%80", "..%2f", "%ed%a0%80"])
def test_no_token_breaks_the_page(token: str) -> None:
    assert Client().get(f"/s/{token}/").status_code in {400, 404}


@pytest.mark.parametrize(
    "query", ["?before=-1", "?before=x", "?before=99999999999999999999", "?leaf=x", "?before=0", "?before=²"]
)
def test_no_query_breaks_the_page(query: str, member: Someone) -> None:
    link = share(member, said(member).conversation)

    assert opened(link, query).status_code == 200


def test_files_of_what_is_shared_open_and_no_others(member: Someone) -> None:
    shown = attach(member)
    receipt = said(member, attachment_ids=[shown])
    link = share(member, receipt.conversation)
    later, elsewhere = attach(member), attach(member)
    said(member, conversation_id=receipt.conversation, attachment_ids=[later])
    said(member, attachment_ids=[elsewhere])
    unsent = attach(member)

    file = Client().get(f"/s/{link.token}/files/{shown}/")

    assert file.status_code == 200
    assert b"".join(file.streaming_content)[:4] == b"\x89PNG"
    assert "sandbox" in file["Content-Security-Policy"]
    for other in (later, elsewhere, unsent, link.pk):
        assert Client().get(f"/s/{link.token}/files/{other}/").status_code == 404
    revoke_share_link(member.actor, link_id=link.pk)
    assert Client().get(f"/s/{link.token}/files/{shown}/").status_code == 404
    assert Attachment.objects.count() == 4


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.js", "a.md"])
def test_a_text_that_is_shared_is_taken_away_as_plain_text_whatever_it_says_of_itself(
    name: str, member: Someone
) -> None:
    shown = attach(member, b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", name)
    link = share(member, said(member, attachment_ids=[shown]).conversation)

    file = Client().get(f"/s/{link.token}/files/{shown}/")

    assert b"script" in b"".join(file.streaming_content)
    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert file["Content-Disposition"].startswith("attachment")


def test_a_long_conversation_opens_at_its_end_with_the_same_queries(
    member: Someone, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [(str(n), "assistant" if n % 2 else "user", str(n - 1) if n else None, f"words {n}.") for n in range(2000)]
    bring_in(member, as_json(chatgpt(*rows)))
    link = share(member, Message.objects.get(text="words 1999.").conversation_id)
    opened(link)

    with django_assert_num_queries(3):
        page = opened(link)

    body = page.content.decode()
    assert body.count('<article class="turn') == 100
    assert "words 1999." in body
    assert "Show earlier (1900)" in body
    assert "words 1899." in opened(link, "?before=1900").content.decode()
    assert "words 0." in opened(link, "?before=50").content.decode()


def test_who_only_looks_may_not_share_and_strangers_find_nothing(
    member: Someone, owner: Someone, stranger: Someone
) -> None:
    receipt = said(member)
    link = share(member, receipt.conversation)

    for who in (owner, stranger):
        with pytest.raises(NotFound):
            share(who, receipt.conversation)
        with pytest.raises(NotFound):
            revoke_share_link(who.actor, link_id=link.pk)
    assert opened(link).status_code == 200


def test_an_answer_being_written_and_an_end_before_tomorrow_are_refused(member: Someone) -> None:
    receipt = post(member)

    with pytest.raises(Conflict):
        share(member, receipt.conversation)
    answer(receipt)
    for days in (0, -1, 100_000):
        with pytest.raises(Invalid):
            share(member, receipt.conversation, days=days)


def test_sharing_switched_off_makes_no_links(member: Someone, owner: Someone) -> None:
    receipt = said(member)
    change_option("chat.sharing", False, changed_by_id=owner.user.pk)

    with pytest.raises(Denied):
        share(member, receipt.conversation)


def test_making_and_ending_a_link_is_in_the_audit_log_without_its_token(member: Someone, owner: Someone) -> None:
    link = share(member, said(member).conversation)
    assert revoke_for_others(owner.actor, link_ids=[link.pk]) == 1
    assert revoke_for_others(member.actor, link_ids=[link.pk]) == 0

    entries = AuditEntry.objects.filter(action__startswith="share_link.")
    assert {entry.action for entry in entries} == {"share_link.create", "share_link.revoke"}
    assert all(link.token not in str(entry.detail) + entry.subject for entry in entries)
    assert ShareLink.objects.filter(token__contains=link.token).count() == 0
