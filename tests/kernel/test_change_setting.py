"""Changing settings from the terminal."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.chat.options import may_share, titles_come_from_models
from olympus.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db


def said() -> str:
    """This will list the settings."""
    out = StringIO()
    call_command("change_setting", stdout=out)
    return out.getvalue()


def test_what_is_changed_holds_is_listed_and_is_in_the_audit_log() -> None:
    before = (may_share(), titles_come_from_models())

    call_command("change_setting", "chat.sharing", "false")
    call_command("change_setting", "chat.titles", "words")

    assert (before, may_share(), titles_come_from_models()) == ((True, True), False, False)
    assert "chat.sharing = false\n" in said()
    assert "chat.titles = words\n" in said()
    assert set(AuditEntry.objects.values_list("action", "subject")) == {
        ("setting.change", "chat.sharing"),
        ("setting.change", "chat.titles"),
    }


def test_every_setting_is_listed_with_its_meaning() -> None:
    lines = said().splitlines()

    assert [line for line in lines if line.startswith("accounts.sign_up = ")]
    assert all(line.startswith("    ") and len(line) > 20 for line in lines[1::2])


@pytest.mark.parametrize("arguments", [["chat.sharing", "maybe"], ["chat.nothing", "1"], ["chat.sharing"]])
def test_what_is_no_setting_or_no_value_changes_nothing(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("change_setting", *arguments)

    assert may_share() is True
    assert not AuditEntry.objects.exists()
