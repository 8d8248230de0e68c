"""Session cookies that hold what no session key does."""

import pytest
from django.test import Client

from olympus.kernel.sessions import SessionStore


@pytest.mark.parametrize(
    "cookie", ['"\\000aaaaaaaaaaaa"', "a" * 41, "../../etc/passwd", "ÄÄÄÄÄÄÄÄÄÄ", "short", '"\\377"']
)
def test_a_cookie_that_is_no_session_key_is_a_strangers(db: None, cookie: str) -> None:
    browser = Client(headers={"cookie": f"olympus_session={cookie}"})

    answer = browser.get("/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_a_key_made_here_is_found_again(db: None) -> None:
    made = SessionStore()
    made["about"] = "marble"
    made.save()

    assert SessionStore(made.session_key)["about"] == "marble"
