"""How pages look follows the person."""

from django.test import Client

from tests.accounts.cast import Cast


def test_a_chosen_theme_is_on_every_page(member: Cast) -> None:
    browser = member.browser

    answer = browser.post("/settings/theme/", {"theme": "dark"})

    assert answer.status_code == 204
    assert b'data-account data-theme="dark"' in browser.get("/settings/profile/").content
    assert b'data-account data-theme="dark"' in browser.get("/").content


def test_there_are_three_themes(member: Cast) -> None:
    assert member.browser.post("/settings/theme/", {"theme": "neon"}).status_code == 400


def test_a_stranger_has_no_theme(db: None) -> None:
    browser = Client()

    assert browser.post("/settings/theme/", {"theme": "dark"}).status_code in {302, 401}
    assert b"data-account" not in browser.get("/accounts/login/").content
