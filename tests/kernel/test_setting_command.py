"""Changing settings from the terminal."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.chat.options import may_share, titles_come_from_models
from olympus.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    """This will give what the command prints."""
    out = StringIO()
    call_command("setting", *arguments, stdout=out)
    return out.getvalue()


def test_what_is_changed_holds_is_listed_and_is_in_the_audit_log() -> None:
    before = (may_share(), titles_come_from_models())

    call_command("setting", "set", "chat.sharing", "false")
    call_command("setting", "set", "chat.titles", "words")

    assert (before, may_share(), titles_come_from_models()) == ((True, True), False, False)
    assert "chat.sharing = false (default: true)\n" in said("list")
    assert "chat.titles = words (default: model)\n" in said("list")
    assert set(AuditEntry.objects.values_list("action", "subject")) == {
        ("setting.change", "chat.sharing"),
        ("setting.change", "chat.titles"),
    }


def test_every_setting_is_listed_with_its_meaning() -> None:
    lines = said("list").splitlines()

    assert [line for line in lines if line.startswith("accounts.sign_up = ")]
    assert all(line.startswith("    ") and len(line) > 20 for line in lines[1::2])


@pytest.mark.parametrize(
    "arguments",
    [
        ["set", "chat.sharing", "maybe"],
        ["set", "chat.nothing", "1"],
        ["set", "chat.sharing"],
        ["reset", "x.y"],
        ["get", "x.y"],
    ],
)
def test_what_is_no_setting_or_no_value_changes_nothing(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("setting", *arguments)

    assert may_share() is True
    assert not AuditEntry.objects.exists()


def test_the_value_alone_is_printed_and_given_back() -> None:
    call_command("setting", "set", "chat.sharing", "off")
    changed = said("get", "chat.sharing")

    call_command("setting", "reset", "chat.sharing")

    assert (changed, said("get", "chat.sharing")) == ("false\n", "true\n")
    assert AuditEntry.objects.filter(action="setting.reset", subject="chat.sharing").count() == 1


def test_settings_are_found_by_a_word_of_their_meaning() -> None:
    assert said("list", "request of a program").startswith("gateway.body_megabytes = 10\n")
    assert said("list", "no such words") == ""
