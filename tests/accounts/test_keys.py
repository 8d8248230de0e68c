"""API keys: the page, the services, the look-up."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.facade import actor_for_key
from apps.accounts.models import ApiKey
from apps.accounts.services.keys import create_api_key, revoke_api_key
from olympus.kernel.actor import Actor, Scope
from olympus.kernel.errors import Denied, Invalid, NotFound
from olympus.kernel.models import AuditEntry
from tests.accounts.cast import Cast

KEYS = "/settings/keys/"
FORM = {"name": "notebook", "scopes": ["read", "write"], "expiry": "90"}


def shown_key(page: str) -> str:
    found = re.search(r"oly_[a-z0-9]{8}_[\w-]{43}", page)
    assert found is not None
    return found[0]


def test_a_key_is_shown_once_listed_by_its_prefix_and_stored_as_a_hash(member: Cast) -> None:
    key = shown_key(member.browser.post(KEYS, FORM).content.decode())

    listed = member.browser.get(KEYS).content.decode()
    assert key not in listed
    assert key[:12] in listed
    row = ApiKey.objects.get()
    assert key not in (row.secret_hash, row.prefix)
    assert len(row.secret_hash) == 64
    assert not AuditEntry.objects.filter(detail__icontains=key[13:]).exists()


def test_a_key_acts_for_its_owner_within_its_scopes(member: Cast) -> None:
    _, key = create_api_key(actor=member.actor, name="reader", scopes=[Scope.READ])

    actor = actor_for_key(key)

    assert actor is not None
    assert (actor.user_id, actor.organization_id) == (member.user.pk, member.actor.organization_id)
    assert (actor.may_read, actor.may_write, actor.may_administer) == (True, False, False)


def test_looking_a_key_up_takes_one_query_and_notes_its_use_once_a_minute(
    member: Cast, django_assert_num_queries: object
) -> None:
    row, key = create_api_key(actor=member.actor, name="busy", scopes=[Scope.READ])

    with django_assert_num_queries(2):  # type: ignore[operator]
        actor_for_key(key)
    first = ApiKey.objects.get().last_used_at
    with django_assert_num_queries(1):  # type: ignore[operator]
        actor_for_key(key)

    assert first is not None
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.filter(pk=row.pk).update(last_used_at=first - timedelta(minutes=2))
    actor_for_key(key)
    assert ApiKey.objects.get().last_used_at != first - timedelta(minutes=2)


@pytest.mark.parametrize(
    "wrong", ["", "oly_", "oly_abcdefgh_short", "sk-something", "oly_abcdefgh_" + "a" * 43, "oly_abcdefgh_" + "ä" * 43]
)
def test_what_is_no_key_opens_nothing(member: Cast, wrong: str) -> None:
    assert actor_for_key(wrong) is None


def test_the_right_prefix_with_a_wrong_secret_opens_nothing(member: Cast) -> None:
    _, key = create_api_key(actor=member.actor, name="k", scopes=[Scope.READ])

    assert actor_for_key(key[:-1] + ("a" if key[-1] != "a" else "b")) is None


def test_an_expired_key_opens_nothing(member: Cast) -> None:
    row, key = create_api_key(
        actor=member.actor, name="k", scopes=[Scope.READ], expires_at=timezone.now() + timedelta(days=1)
    )
    ApiKey.objects.filter(pk=row.pk).update(
        created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(seconds=1)
    )

    assert actor_for_key(key) is None


def test_a_revoked_key_opens_nothing(member: Cast) -> None:
    row, key = create_api_key(actor=member.actor, name="k", scopes=[Scope.READ])

    member.browser.post(f"{KEYS}{row.pk}/revoke/")

    assert actor_for_key(key) is None
    assert "Revoked" in member.browser.get(KEYS).content.decode()


def test_nobody_revokes_or_sees_another_persons_key(member: Cast, owner: Cast) -> None:
    row, key = create_api_key(actor=member.actor, name="secret plan", scopes=[Scope.READ])

    with pytest.raises(NotFound):
        revoke_api_key(actor=owner.actor, key_id=row.pk)

    assert "secret plan" not in owner.browser.get(KEYS).content.decode()
    assert actor_for_key(key) is not None


def test_a_key_gets_no_more_than_its_owner_may(member: Cast, viewer: Cast, owner: Cast) -> None:
    with pytest.raises(Denied):
        create_api_key(actor=member.actor, name="k", scopes=[Scope.ADMIN])
    with pytest.raises(Denied):
        create_api_key(actor=viewer.actor, name="k", scopes=[Scope.WRITE])
    _, key = create_api_key(actor=owner.actor, name="k", scopes=[Scope.ADMIN])

    actor = actor_for_key(key)
    assert actor is not None
    assert actor.may_administer


def test_a_key_makes_no_keys(owner: Cast) -> None:
    _, key = create_api_key(actor=owner.actor, name="k", scopes=[Scope.ADMIN])
    actor: Actor | None = actor_for_key(key)
    assert actor is not None

    with pytest.raises(Denied):
        create_api_key(actor=actor, name="another", scopes=[Scope.READ])


@pytest.mark.parametrize(
    ("change", "words"),
    [({"name": " "}, "required"), ({"scopes": []}, "required"), ({"scopes": ["root"]}, "valid choice")],
)
def test_the_form_says_what_is_wrong(member: Cast, change: dict[str, object], words: str) -> None:
    page = member.browser.post(KEYS, {**FORM, **change}).content.decode()

    assert words in page
    assert not ApiKey.objects.exists()


def test_a_key_without_a_scope_is_refused_below_the_form_too(member: Cast) -> None:
    with pytest.raises(Invalid):
        create_api_key(actor=member.actor, name="k", scopes=[])


@pytest.mark.parametrize("path", [KEYS, f"{KEYS}{UUID(int=1)}/revoke/"])
def test_strangers_and_forged_forms_get_nothing(stranger: Client, member: Cast, path: str) -> None:
    forger = Client(enforce_csrf_checks=True)
    forger.force_login(member.user)

    assert stranger.post(path, FORM)["Location"].startswith("/accounts/login/")
    assert forger.post(path, FORM).status_code == 403
    assert not ApiKey.objects.exists()


def test_the_page_offers_only_what_a_key_of_ones_own_may_do(member: Cast, viewer: Cast, owner: Cast) -> None:
    offered = [
        who.browser.get("/settings/keys/").content.decode().count('name="scopes"') for who in (viewer, member, owner)
    ]

    assert offered == [1, 2, 3]
