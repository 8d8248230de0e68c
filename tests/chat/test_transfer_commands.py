"""Import and export from the terminal."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.chat.transferring import EXPORTS, trees
from tests.support.cast import Someone

pytestmark = pytest.mark.django_db


def test_what_is_imported_and_exported_in_the_terminal_is_equal(
    member: Someone, owner: Someone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "all.zip"

    call_command("import_conversations", str(EXPORTS / "claude.json"), user="member@example.org")
    call_command("export_conversations", str(file), user="member@example.org")
    call_command("import_conversations", str(file))

    assert trees(owner) == trees(member)
    said = capsys.readouterr()
    assert "Claude: 1 taken, 0 here already, 0 not taken." in said.out
    assert "Olympus: 1 taken" in said.out
    assert "map.png: The file is not in the export." in said.err


def test_what_cannot_be_done_is_said(owner: Someone, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("hello")

    for arguments in (["import_conversations", str(tmp_path / "none")], ["import_conversations", str(tmp_path / "x")]):
        with pytest.raises(CommandError):
            call_command(*arguments)
    with pytest.raises(CommandError):
        call_command("import_conversations", str(tmp_path / "x"), user="nobody@example.org")
    with pytest.raises(CommandError):
        call_command("export_conversations", str(tmp_path / "x"))
