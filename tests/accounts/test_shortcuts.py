"""A person's own keys: stored for all devices, checked, and on every page before its scripts run."""

import json

import pytest

from apps.accounts.facade import person
from tests.accounts.cast import Cast

pytestmark = pytest.mark.django_db


def test_keys_are_stored_and_written_into_every_page(member: Cast) -> None:
    client = member.browser

    answered = client.post("/settings/shortcuts/", {"shortcuts": json.dumps({"chat.new": "Mod+J", "rail.toggle": ""})})

    assert answered.status_code == 204
    assert json.loads(person(member.actor).shortcuts) == {"chat.new": "Mod+J", "rail.toggle": ""}
    for path in ("/settings/shortcuts/", "/settings/profile/", "/", "/search/"):
        page = client.get(path).content.decode()
        assert 'data-shortcuts="{&quot;chat.new&quot;:&quot;Mod+J&quot;,&quot;rail.toggle&quot;:&quot;&quot;}"' in page


def test_nothing_stored_is_the_usual_keys(member: Cast) -> None:
    assert 'data-shortcuts="{}"' in member.browser.get("/").content.decode()


@pytest.mark.parametrize(
    "shortcuts",
    ["", "x", "[]", "null", '{"a": 1}', '{"A": "Mod+J"}', '{"a": "Mod+ J"}', '{"a": "Hyper+J"}', '{"a": "Mod+J", "b": "Mod+J"}',
     '{"a": "\\u0000"}', '{"a": "' + "x" * 21 + '"}', json.dumps({f"a{n}": f"F{n}" for n in range(201)}), "[" * 100_000, "x" * 100_000],
)  # fmt: skip
def test_what_is_no_keys_by_action_is_refused(shortcuts: str, member: Cast) -> None:
    answered = member.browser.post("/settings/shortcuts/", {"shortcuts": shortcuts})

    assert answered.status_code == 400
    assert person(member.actor).shortcuts == "{}"
