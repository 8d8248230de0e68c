"""Accepting an invitation."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Invitation, Membership, Organization, User
from apps.accounts.options import SignUp
from apps.accounts.services.doors import invite, withdraw_invitation
from apps.accounts.services.people import change_role, disable_person
from apps.accounts.services.policy import set_sign_up
from olympus.kernel.actor import Role
from tests.accounts.cast import Cast, make

FORM = {"name": "Ariadne", "email": "new@example.test", "password": "marble and gold 7"}


def test_whoever_holds_the_link_becomes_what_it_says(stranger: Client, owner: Cast) -> None:
    _, link = invite(actor=owner.actor, role=Role.VIEWER)

    response = stranger.post(link, FORM)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert Membership.objects.get(user__email="new@example.test").role == "viewer"
    assert Invitation.objects.get().accepted_by == User.objects.get(email="new@example.test")
    assert stranger.get("/settings/profile/").status_code == 200


def test_an_invitation_is_good_once(stranger: Client, owner: Cast) -> None:
    _, link = invite(actor=owner.actor)
    stranger.post(link, FORM)

    again = Client().post(link, {**FORM, "email": "other@example.test"})

    assert again.status_code == 410
    assert not User.objects.filter(email="other@example.test").exists()


def test_an_invitation_for_one_address_takes_no_other(stranger: Client, owner: Cast) -> None:
    _, link = invite(actor=owner.actor, email="Only@example.test")

    refused = stranger.post(link, FORM)
    taken = stranger.post(link, {**FORM, "email": "only@EXAMPLE.test"})

    assert "for another email address" in refused.content.decode()
    assert taken.status_code == 302


def test_an_invitation_ends_after_a_week(stranger: Client, owner: Cast) -> None:
    _, link = invite(actor=owner.actor)
    old = timezone.now() - timedelta(days=8)
    Invitation.objects.update(created_at=old, expires_at=old + timedelta(days=7))

    assert stranger.get(link).status_code == 410


def test_a_withdrawn_invitation_is_worthless(stranger: Client, owner: Cast) -> None:
    invitation, link = invite(actor=owner.actor)
    withdraw_invitation(actor=owner.actor, invitation_id=invitation.pk)

    assert stranger.post(link, FORM).status_code == 410


def test_an_invitation_of_somebody_shut_out_is_worthless(stranger: Client, owner: Cast, admin: Cast) -> None:
    _, link = invite(actor=admin.actor)
    disable_person(actor=owner.actor, user_id=admin.user.pk)

    assert stranger.get(link).status_code == 410


def test_a_taken_address_is_said_beside_the_field_and_leaves_the_link_good(stranger: Client, owner: Cast) -> None:
    _, link = invite(actor=owner.actor)

    response = stranger.post(link, {**FORM, "email": owner.user.email.upper()})

    assert "already has an account" in response.content.decode()
    assert stranger.post(link, FORM).status_code == 302


def test_nobody_joins_while_sign_up_is_closed(stranger: Client, owner: Cast) -> None:
    _, link = invite(actor=owner.actor)
    set_sign_up(actor=owner.actor, policy=SignUp.CLOSED)

    assert stranger.get(link).status_code == 403
    assert stranger.post(link, FORM).status_code == 403
    assert not User.objects.filter(email="new@example.test").exists()


def test_one_joins_the_organization_that_invited(stranger: Client, owner: Cast) -> None:
    invitation, link = invite(actor=owner.actor)
    elsewhere = Organization.objects.create(name="Elsewhere")
    Membership.objects.create(user=owner.user, organization=elsewhere, role=Role.OWNER.value)
    Invitation.objects.filter(pk=invitation.pk).update(organization=elsewhere)

    stranger.post(link, FORM)

    assert Membership.objects.get(user__email="new@example.test").organization == elsewhere


@pytest.mark.parametrize("now", [Role.ADMIN, Role.MEMBER])
def test_one_who_lost_their_role_cannot_hand_it_out_by_an_older_invitation(
    stranger: Client, owner: Cast, now: Role
) -> None:
    second = make(Role.OWNER, "second")
    _, link = invite(actor=second.actor, role=Role.OWNER)
    change_role(actor=owner.actor, user_id=second.user.pk, role=now)

    answer = stranger.post(link, FORM)

    assert answer.status_code == 410
    assert not User.objects.filter(email="new@example.test").exists()


def test_one_who_may_still_invite_is_taken_at_their_word(stranger: Client, owner: Cast) -> None:
    second = make(Role.OWNER, "second")
    _, link = invite(actor=second.actor, role=Role.MEMBER)
    change_role(actor=owner.actor, user_id=second.user.pk, role=Role.ADMIN)

    assert stranger.post(link, FORM).status_code == 302
