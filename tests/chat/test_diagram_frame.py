"""The page inside of the diagram frame: a program and nothing else, and nothing it could reach."""

import pytest
from django.test import Client


def test_the_frame_has_a_policy_of_its_own(client: Client) -> None:
    response = client.get("/embed/diagram/")

    policy = response.headers["Content-Security-Policy"]
    assert response.status_code == 200
    assert "sandbox allow-scripts" in policy
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy
    assert "allow-same-origin" not in policy
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.django_db
def test_other_pages_allow_no_styles_in_their_markup(client: Client) -> None:
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]

    assert "unsafe-inline" not in policy


def test_the_frame_says_nothing_about_who_asks(client: Client) -> None:
    response = client.get("/embed/diagram/")

    assert "Set-Cookie" not in response.headers
    assert b"csrf" not in response.content
