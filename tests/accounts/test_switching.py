"""Whether another model server may go on with one's answers, on the page and over REST."""

import pytest

from apps.accounts.facade import may_switch_server
from tests.accounts.cast import Cast

pytestmark = pytest.mark.django_db


def test_it_may_until_one_says_no_on_the_page(owner: Cast) -> None:
    client = owner.browser
    assert may_switch_server(owner.actor.user_id)
    assert "checked" in client.get("/settings/appearance/").content.decode().partition('id="answers"')[2]

    said = client.post("/settings/appearance/", {"answers": "1"})

    assert said.status_code == 302
    assert not may_switch_server(owner.actor.user_id)
    client.post("/settings/appearance/", {"answers": "1", "answers-may_switch_server": "on"})
    assert may_switch_server(owner.actor.user_id)


def test_choosing_a_theme_leaves_it_as_it_is(owner: Cast) -> None:
    owner.browser.post("/settings/appearance/", {"answers": "1"})

    owner.browser.post("/settings/appearance/", {"theme": "dark", "language": "en"})

    assert not may_switch_server(owner.actor.user_id)


def test_it_is_told_and_changed_over_rest(owner: Cast) -> None:
    client = owner.browser

    changed = client.patch("/api/v1/me", {"may_switch_server": False}, content_type="application/json")

    assert changed.json()["may_switch_server"] is False
    assert client.get("/api/v1/me").json()["may_switch_server"] is False
    wrong = client.patch("/api/v1/me", {"may_switch_server": "perhaps"}, content_type="application/json")
    assert wrong.status_code == 422
