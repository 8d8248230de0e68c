"""The owners' admin."""

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.utils.timezone import now

from apps.accounts.models import ApiKey, LedgerEntry
from apps.accounts.services.doors import invite
from apps.accounts.services.keys import create_api_key
from olympus.kernel import audit
from olympus.kernel.actor import Scope
from tests.accounts.cast import Cast
from tests.accounts.test_pages import FORBIDDEN, INLINE_SCRIPT

OURS = sorted(
    f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    for model in admin.site._registry
    if model._meta.app_label in {"accounts", "kernel"}
)


def test_strangers_sign_in_on_our_page_where_second_factors_hold(stranger: Client) -> None:
    at_door = stranger.get("/admin/")
    form = stranger.get("/admin/login/?next=/admin/")

    assert at_door.status_code == 302
    assert form["Location"].startswith("/accounts/login/")
    assert stranger.post("/admin/login/", {"username": "a", "password": "b"})["Location"].startswith("/accounts/login/")


def test_only_owners_get_in(owner: Cast, admin: Cast, member: Cast) -> None:
    assert owner.browser.get("/admin/").status_code == 200
    for person in (admin, member):
        assert person.browser.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("path", OURS)
def test_every_list_opens_searches_and_carries_nothing_the_policy_forbids(owner: Cast, path: str) -> None:
    create_api_key(actor=owner.actor, name="k", scopes=[Scope.READ])
    invite(actor=owner.actor)

    for address in (path, f"{path}?q=her"):
        response = owner.browser.get(address)
        assert response.status_code == 200
        html = response.content.decode()
        assert not FORBIDDEN.search(html)
        assert not INLINE_SCRIPT.search(html)


def test_a_filter_names_also_what_has_no_value(owner: Cast) -> None:
    own = {"organization_id": owner.actor.organization_id, "owner_id": owner.actor.user_id}
    for cache in ("", "exact"):
        LedgerEntry.objects.create(**own, kind="chat", door="chat", cache=cache, state="complete", created_at=now())

    page = owner.browser.get("/admin/accounts/ledgerentry/").content.decode()
    without = owner.browser.get("/admin/accounts/ledgerentry/?cache=").content.decode()

    assert re.search(r'href="\?cache=">\s*none\s*<', page)
    assert "1 ledger entry" in without


def test_no_page_shows_a_hash(owner: Cast) -> None:
    key, _ = create_api_key(actor=owner.actor, name="k", scopes=[Scope.READ])

    page = owner.browser.get(f"/admin/accounts/apikey/{key.pk}/change/").content.decode()

    assert key.secret_hash not in page


def test_an_owner_revokes_anybodys_key(owner: Cast, member: Cast) -> None:
    key, _ = create_api_key(actor=member.actor, name="k", scopes=[Scope.READ])

    owner.browser.post("/admin/accounts/apikey/", {"action": "revoke", "_selected_action": [str(key.pk)]})

    assert ApiKey.objects.get().revoked_at is not None


def test_an_owner_disables_and_enables_people(owner: Cast, member: Cast) -> None:
    chosen = {"_selected_action": [str(member.user.pk), str(owner.user.pk)]}
    owner.browser.post("/admin/accounts/user/", {"action": "disable", **chosen})
    member.user.refresh_from_db()
    owner.user.refresh_from_db()

    assert (member.user.is_active, owner.user.is_active) == (False, True)

    owner.browser.post("/admin/accounts/user/", {"action": "enable", **chosen})
    member.user.refresh_from_db()
    assert member.user.is_active


def test_the_audit_log_is_looked_through_but_not_changed(owner: Cast) -> None:
    audit.record("thing.happen", actor=owner.actor, subject="needle")

    page = owner.browser.get("/admin/kernel/auditentry/?q=needle&action=thing.happen").content.decode()

    assert "thing.happen" in page
    assert owner.browser.get("/admin/kernel/auditentry/add/").status_code == 403
    assert "delete_selected" not in page
