"""What a person prefers is kept as versions, taken back, told to their own pages, and nobody else's to change."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import PreferenceVersion
from apps.accounts.services.preferences import choose_theme, undo_preference
from olympus.kernel.actor import Scope
from olympus.kernel.options import NothingToUndo
from tests.accounts.cast import Cast

PAGE = "/settings/appearance/"
REST = "/api/v1/me/undo"

pytestmark = pytest.mark.django_db


def undo(browser: Client, name: str, **headers: str) -> Any:
    return browser.post(REST, {"preference": name}, content_type="application/json", headers=headers)


def theme_of(who: Cast) -> str:
    who.user.refresh_from_db()
    return who.user.theme


def test_a_change_is_a_version_what_is_so_already_is_none_and_old_ones_go(member: Cast) -> None:
    for theme in ("system", "dark", "dark", *("light", "dark") * 15):
        choose_theme(actor=member.actor, theme=theme)

    newest = PreferenceVersion.objects.first()
    assert newest is not None
    assert (newest.owner_id, newest.name, newest.before, newest.value) == (member.user.pk, "theme", "light", "dark")
    assert PreferenceVersion.objects.count() == 20


def test_the_last_change_is_taken_back_on_the_page_and_that_too(member: Cast) -> None:
    member.browser.post(PAGE, {"theme": "dark", "language": ""})
    page = member.browser.get(PAGE).content.decode()

    member.browser.post(f"{PAGE}undo/", {"preference": "theme"})
    undone = theme_of(member)
    member.browser.post(f"{PAGE}undo/", {"preference": "theme"})

    assert "<b>Theme: Dark</b><small>Before: Like the system" in page
    assert (undone, theme_of(member)) == ("system", "dark")


def test_a_second_press_does_not_put_it_forth_again(member: Cast) -> None:
    choose_theme(actor=member.actor, theme="dark")
    page = member.browser.get(PAGE).content.decode()
    seen = re.search(r'name="version" value="(\d+)"', page)
    assert seen is not None

    for _press in range(2):
        member.browser.post(f"{PAGE}undo/", {"preference": "theme", "version": seen[1]})

    assert theme_of(member) == "system"


def test_a_page_that_was_open_for_long_changes_only_what_was_changed_on_it(member: Cast) -> None:
    page = member.browser.get(PAGE).content.decode()
    shown = dict(re.findall(r'name="(initial-[a-z]+)"(?: value="([a-z]+)")?', page))
    choose_theme(actor=member.actor, theme="dark")

    member.browser.post(PAGE, {**shown, "theme": "system", "language": "de"})

    assert shown == {"initial-theme": "system", "initial-language": ""}
    assert (theme_of(member), member.user.language) == ("dark", "de")


def test_over_rest_a_preference_is_taken_back_once_for_each_key_of_a_request(member: Cast) -> None:
    member.browser.patch("/api/v1/me", {"theme": "dark", "may_switch_server": False}, content_type="application/json")

    answers = [undo(member.browser, "may_switch_server", **{"Idempotency-Key": "a"}) for _each in range(2)]

    assert [each.json()["may_switch_server"] for each in answers] == [True, True]
    assert answers[0].json()["theme"] == "dark"


def test_what_was_never_changed_or_is_no_preference_cannot_be_taken_back(member: Cast) -> None:
    with pytest.raises(NothingToUndo):
        undo_preference(actor=member.actor, name="theme")

    assert undo(member.browser, "theme").status_code == 409
    assert undo(member.browser, "is_staff").status_code == 422
    assert member.browser.post(f"{PAGE}undo/", {"preference": "password\x00"}).status_code == 302
    assert not PreferenceVersion.objects.exists()


def test_nobody_takes_back_what_another_prefers(member: Cast, owner: Cast, key_of: Callable[..., str]) -> None:
    choose_theme(actor=member.actor, theme="dark")
    bearer = {"Authorization": f"Bearer {key_of(member, Scope.READ, Scope.WRITE)}"}

    statuses = [
        undo(owner.browser, "theme").status_code,
        undo(Client(), "theme", **bearer).status_code,
        Client().post(f"{PAGE}undo/", {"preference": "theme"}).status_code,
    ]

    assert statuses == [409, 403, 302]
    assert theme_of(member) == "dark"
