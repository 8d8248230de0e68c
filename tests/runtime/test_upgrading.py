"""A start whose migration fails: the data stays as it was and the way back is named."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from olympus.runtime.places import ROOT
from tests.support.stack import Stack

pytestmark = pytest.mark.stack
_MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("kernel", "{before}")]
    operations = [migrations.RunSQL("{sql}")]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the code and its built pages, with this one's installed packages.

    All that pages are built from must be there: a build would write into what other tests' browsers load.
    """
    copy = tmp_path / "checkout"
    copy.mkdir()
    names = (
        "bin",
        "olympus",
        "apps",
        "templates",
        "static",
        "frontend",
        "locale",
        "docs",
        "manage.py",
        "pyproject.toml",
    )
    ignored = shutil.ignore_patterns("node_modules", "__pycache__")
    for source in [ROOT / name for name in names if (ROOT / name).exists()] + list(ROOT.glob("requirements*.txt")):
        copy_one = shutil.copy2 if source.is_file() else partial(shutil.copytree, ignore=ignored)
        copy_one(source, copy / source.name)
    for shared in (".venv", "frontend/node_modules"):
        (copy / shared).symlink_to(ROOT / shared)
    return copy


def add_migration(checkout: Path, name: str, before: str, sql: str) -> Path:
    """Write a migration that runs one statement."""
    path = checkout / "olympus" / "kernel" / "migrations" / f"{name}.py"
    path.write_text(_MIGRATION.format(before=before, sql=sql))
    return path


def test_a_failing_migration_leaves_the_data_as_it_was_and_says_how_to_go_back(checkout: Path, tmp_path: Path) -> None:
    stack = Stack(tmp_path / "data", root=checkout)
    stack.start()
    stack.stop()
    newest = max(path.stem for path in (checkout / "olympus" / "kernel" / "migrations").glob("0*.py"))
    good = add_migration(checkout, "9001_good", newest, "CREATE TABLE half_way (id int)")
    bad = add_migration(checkout, "9002_bad", "9001_good", "SELECT 1 / 0")

    stack.launch()
    status = stack.process.wait(60) if stack.process else None
    said = stack.output
    good.unlink()
    bad.unlink()
    stack.start()
    after = stack.manage("inspectdb", "half_way")
    stack.stop()

    assert status == 1
    assert "division by zero" in said
    assert "Your data is as it was. docs/upgrade.md says how to go back" in said
    assert "class HalfWay" not in after.stdout
    stack.close()
