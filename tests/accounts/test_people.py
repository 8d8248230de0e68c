"""The People page and what it does."""

import re
from uuid import UUID

import pytest
from django.test import Client

from apps.accounts.facade import actor_for_key, actor_for_user, socket_actor
from apps.accounts.models import Invitation, Membership, Organization, User
from apps.accounts.options import SignUp, sign_up
from apps.accounts.services import doors, people
from apps.accounts.services.people import LastOwner
from olympus.kernel.actor import Role, Scope
from olympus.kernel.errors import Denied
from olympus.kernel.models import AuditEntry
from tests.accounts.cast import PASSWORD, Cast
from tests.support.cast import someone

PEOPLE = "/settings/people/"
NOBODY = UUID(int=1)
DOORS = [
    "invite/",
    "sign-up/",
    f"invitations/{NOBODY}/withdraw/",
    f"{NOBODY}/role/",
    f"{NOBODY}/disable/",
    f"{NOBODY}/enable/",
    f"{NOBODY}/reset-link/",
    f"{NOBODY}/second-factors/",
]


def link_on(page: str) -> str:
    found = re.search(r"<code>(http[^<]+)</code>", page)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_owners_and_administrators_see_everybody(owner: Cast, admin: Cast, member: Cast) -> None:
    for person in (owner, admin):
        page = person.browser.get(PEOPLE).content.decode()

        assert all(one.user.email in page for one in (owner, admin, member))


def test_the_page_costs_the_same_for_many_people(owner: Cast, member: Cast, django_assert_num_queries: object) -> None:
    for index in range(5):
        people.create_user(actor=owner.actor, email=f"p{index}@example.test", password=PASSWORD)

    with django_assert_num_queries(11):  # type: ignore[operator]
        owner.browser.get(PEOPLE)


def test_members_do_not_see_it(member: Cast) -> None:
    assert member.browser.get(PEOPLE).status_code == 403


@pytest.mark.parametrize("door", DOORS)
def test_members_and_strangers_get_through_no_door_of_it(stranger: Client, member: Cast, door: str) -> None:
    assert member.browser.post(PEOPLE + door).status_code == 403
    assert stranger.post(PEOPLE + door).status_code == 302
    assert stranger.post(PEOPLE + door)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("door", DOORS)
def test_every_door_needs_its_csrf_token(owner: Cast, door: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner.user)

    assert browser.post(PEOPLE + door).status_code == 403


def test_an_invitation_is_shown_once_and_works(owner: Cast, stranger: Client) -> None:
    page = owner.browser.post(f"{PEOPLE}invite/", {"role": "member", "email": ""}).content.decode()
    link = link_on(page)

    assert link.startswith("http://testserver/join/")
    assert link.removeprefix("http://testserver") not in owner.browser.get(PEOPLE).content.decode()
    assert stranger.get(link.removeprefix("http://testserver")).status_code == 200


def test_an_administrator_makes_no_owner(admin: Cast, member: Cast) -> None:
    invited = admin.browser.post(f"{PEOPLE}invite/", {"role": "owner"})
    admin.browser.post(f"{PEOPLE}{member.user.pk}/role/", {"role": "owner"})

    assert "not one of the available choices" in invited.content.decode()
    assert Membership.objects.get(user=member.user).role == "member"
    with pytest.raises(Denied):
        doors.invite(actor=admin.actor, role=Role.OWNER)


@pytest.mark.parametrize("door", ["disable/", "reset-link/", "second-factors/", "role/"])
def test_an_administrator_does_nothing_to_an_owner(admin: Cast, owner: Cast, door: str) -> None:
    admin.browser.post(f"{PEOPLE}{owner.user.pk}/{door}", {"role": "member"})

    owner.user.refresh_from_db()
    assert owner.user.is_active
    assert actor_for_user(owner.user) == owner.actor
    assert not AuditEntry.objects.filter(actor_id=admin.user.pk).exclude(action__in=["person.create", "session.begin"])


def test_the_last_owner_stays(owner: Cast) -> None:
    with pytest.raises(LastOwner):
        people.change_role(actor=owner.actor, user_id=owner.user.pk, role=Role.MEMBER)

    owner.browser.post(f"{PEOPLE}{owner.user.pk}/disable/")
    owner.user.refresh_from_db()
    assert owner.user.is_active


def test_a_new_owner_may_use_the_admin_and_a_former_one_may_not(owner: Cast, member: Cast) -> None:
    people.change_role(actor=owner.actor, user_id=member.user.pk, role=Role.OWNER)
    opened = member.browser.get("/admin/").status_code
    people.change_role(actor=owner.actor, user_id=member.user.pk, role=Role.ADMIN)

    assert opened == 200
    assert member.browser.get("/admin/").status_code == 302 or not User.objects.get(pk=member.user.pk).is_staff


def test_disabling_ends_session_key_and_socket_at_once(owner: Cast, member: Cast, key_of: object) -> None:
    key = key_of(member)  # type: ignore[operator]
    cookie = member.browser.cookies["olympus_session"].value
    scope = {"type": "websocket", "headers": [(b"cookie", f"olympus_session={cookie}".encode())]}
    assert socket_actor(scope) == member.actor

    owner.browser.post(f"{PEOPLE}{member.user.pk}/disable/")

    assert member.browser.get("/settings/profile/").status_code == 302
    assert actor_for_key(key) is None
    assert socket_actor(scope) is None


def test_enabling_does_not_bring_old_sessions_and_keys_back(owner: Cast, member: Cast, key_of: object) -> None:
    key = key_of(member)  # type: ignore[operator]
    owner.browser.post(f"{PEOPLE}{member.user.pk}/disable/")
    owner.browser.post(f"{PEOPLE}{member.user.pk}/enable/")

    assert member.browser.get("/settings/profile/").status_code == 302
    assert actor_for_key(key) is None
    signed_in = Client().post("/accounts/login/", {"login": member.user.email, "password": PASSWORD})
    assert signed_in["Location"] == "/"


def test_a_reset_link_sets_a_new_password_once(owner: Cast, member: Cast, stranger: Client) -> None:
    page = owner.browser.post(f"{PEOPLE}{member.user.pk}/reset-link/").content.decode()
    link = link_on(page).removeprefix("http://testserver")
    form_page = stranger.get(link, follow=True)
    new = {"password1": "a new temple 55", "password2": "a new temple 55"}

    done = stranger.post(form_page.redirect_chain[-1][0], new)
    again = Client().get(link, follow=True)

    assert done.status_code == 302
    member.user.refresh_from_db()
    assert member.user.check_password("a new temple 55")
    assert "does not work any more" in again.content.decode()
    assert member.browser.get("/settings/profile/").status_code == 302


def test_people_of_another_organization_are_out_of_reach(owner: Cast, member: Cast) -> None:
    elsewhere = Membership.objects.get(user=member.user)
    elsewhere.organization = type(elsewhere.organization).objects.create(name="Elsewhere")
    elsewhere.save()

    owner.browser.post(f"{PEOPLE}{member.user.pk}/disable/")

    member.user.refresh_from_db()
    assert member.user.is_active


def test_a_key_manages_nobody(owner: Cast, key_of: object) -> None:
    key = key_of(owner, Scope.ADMIN)  # type: ignore[operator]
    program = Client(headers={"Authorization": f"Bearer {key}"})

    assert program.get(PEOPLE).status_code == 403
    assert program.post(f"{PEOPLE}invite/", {"role": "owner"}).status_code == 403
    actor = actor_for_key(key)
    assert actor is not None
    with pytest.raises(Denied):
        doors.invite(actor=actor)


def test_a_withdrawn_invitation_leaves_the_list(owner: Cast) -> None:
    invitation, _ = doors.invite(actor=owner.actor, email="gone@example.test")

    owner.browser.post(f"{PEOPLE}invitations/{invitation.pk}/withdraw/")

    assert "gone@example.test" not in owner.browser.get(PEOPLE).content.decode()
    assert Invitation.objects.get().revoked_at is not None


def test_the_sign_up_policy_is_changed_here(owner: Cast) -> None:
    owner.browser.post(f"{PEOPLE}sign-up/", {"policy": "open"})

    assert AuditEntry.objects.get(action="setting.change").detail == {"value": "open", "before": "invited"}
    assert '<option value="open" selected>' in owner.browser.get(PEOPLE).content.decode()


def test_who_administers_another_organization_does_not_open_the_doors_of_this_one(owner: Cast) -> None:
    elsewhere = Organization.objects.create(name="Elsewhere")
    stranger = someone("stranger@example.net", Role.OWNER, elsewhere).client()

    page = stranger.get(PEOPLE).content.decode()
    stranger.post(f"{PEOPLE}sign-up/", {"policy": "open"})

    assert 'name="policy"' not in page
    assert 'name="policy"' in owner.browser.get(PEOPLE).content.decode()
    assert sign_up() is SignUp.INVITED
