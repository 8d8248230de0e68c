"""The first person becomes the owner."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Membership, SignInLink, User
from apps.accounts.services.doors import make_owner_link
from olympus.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
FORM = {"name": "Hera", "email": "Hera@Example.test", "password": "marble and gold 7"}


@pytest.fixture
def link() -> str:
    path = make_owner_link()
    assert path is not None
    return path


def test_the_link_makes_an_owner_signs_them_in_and_leads_to_the_first_page(client: Client, link: str) -> None:
    response = client.post(link, FORM)

    assert (response.status_code, response["Location"]) == (302, "/")
    user = User.objects.get()
    assert (user.email, user.name, user.is_staff) == ("hera@example.test", "Hera", True)
    assert Membership.objects.get(user=user).role == "owner"
    assert client.get("/settings/profile/").status_code == 200


def test_looking_at_the_page_does_not_use_the_link(client: Client, link: str) -> None:
    first, second = client.get(link), client.get(link)

    assert (first.status_code, second.status_code) == (200, 200)
    assert SignInLink.objects.get().used_at is None


def test_a_used_link_says_so_and_makes_nobody(client: Client, link: str) -> None:
    client.post(link, FORM)

    response = Client().post(link, {**FORM, "email": "zeus@example.test"})

    assert response.status_code == 410
    assert "has an owner already" in response.content.decode()
    assert User.objects.count() == 1


def test_an_old_link_says_how_to_get_a_fresh_one(client: Client, link: str) -> None:
    old = timezone.now() - timedelta(hours=25)
    SignInLink.objects.update(created_at=old, expires_at=old + timedelta(hours=24))

    response = client.get(link)

    assert response.status_code == 410
    assert "owner_link" in response.content.decode()


def test_a_fresh_link_voids_the_one_before(client: Client, link: str) -> None:
    fresh = make_owner_link()

    assert client.get(link).status_code == 410
    assert client.get(fresh or "").status_code == 200


def test_a_wrong_link_is_refused(client: Client, link: str) -> None:
    assert client.get("/welcome/not-a-token/").status_code == 410


def test_a_weak_password_leaves_the_link_good(client: Client, link: str) -> None:
    response = client.post(link, {**FORM, "password": "short"})

    assert response.status_code == 200
    assert "too short" in response.content.decode()
    assert client.post(link, FORM).status_code == 302


def test_the_link_is_stored_hashed_and_no_other_site_hears_of_it(client: Client, link: str) -> None:
    token = link.split("/")[2]

    response = client.get(link)

    assert token not in SignInLink.objects.get().token_hash
    # Not no-referrer: browsers then send `Origin: null`, and the form would be refused.
    assert response["Referrer-Policy"] == "same-origin"
    assert not AuditEntry.objects.filter(detail__icontains=token).exists()


def test_the_form_needs_its_csrf_token(link: str) -> None:
    browser = Client(enforce_csrf_checks=True)

    response = browser.post(link, FORM)

    assert response.status_code == 403
    assert not User.objects.exists()
