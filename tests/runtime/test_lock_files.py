"""The lock files: complete, hashed, and silent about this machine."""

import re
import tomllib

import pytest

from olympus.runtime.places import ROOT

_LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt", "requirements-node.txt")


def names(text: str) -> set[str]:
    """The packages a list of requirements names."""
    return {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"(?m)^([A-Za-z0-9._-]+)", text)}


@pytest.mark.parametrize("lock", _LOCKS)
def test_every_package_is_pinned_with_hashes_and_no_address_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text()

    entries = re.findall(r"(?m)^\S.*(?:\n    --hash=\S+.*)*", re.sub(r"(?m)^\s*#.*\n", "", text))
    assert entries
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


def test_the_lock_files_hold_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    wanted = names("\n".join(project["project"]["dependencies"]))
    tools = names("\n".join(project["dependency-groups"]["dev"]))
    assert wanted <= names((ROOT / "requirements.txt").read_text())
    assert wanted | tools <= names((ROOT / "requirements-dev.txt").read_text())
