"""Pages speak the language a person chose."""

from django.test import Client

from tests.accounts.cast import Cast


def choose(browser: Client, language: str) -> int:
    """Choose a language on the page for it."""
    return browser.post("/settings/appearance/", {"theme": "system", "language": language}).status_code


def test_a_chosen_language_is_on_every_page(member: Cast) -> None:
    assert choose(member.browser, "de") == 302

    page = member.browser.get("/settings/profile/", headers={"accept-language": "en"}).content.decode()

    assert '<html lang="de"' in page
    assert "catalog-de" in page


def test_without_a_choice_the_browser_decides(member: Cast) -> None:
    assert choose(member.browser, "") == 302

    assert b'<html lang="de"' in member.browser.get("/", headers={"accept-language": "de-AT,de;q=0.9"}).content
    assert b'<html lang="en"' in member.browser.get("/", headers={"accept-language": "fr"}).content


def test_a_language_nobody_wrote_is_refused(member: Cast) -> None:
    assert choose(member.browser, "tlh") == 200

    member.user.refresh_from_db()
    assert member.user.language == ""


def test_a_stranger_chooses_nothing(db: None) -> None:
    assert Client().post("/settings/appearance/", {"theme": "dark", "language": "de"}).status_code in {302, 401}
