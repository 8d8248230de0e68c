"""The units of the browser code, run by Node's own test runner."""

import subprocess
from pathlib import Path

from olympus.runtime.frontend import find_node

HERE = Path(__file__).parent


def test_the_units_of_the_browser_code_hold() -> None:
    node, _npm = find_node()
    files = sorted(str(path) for path in HERE.glob("*.test.mjs"))

    done = subprocess.run(
        [node, "--no-warnings", "--test", *files], check=False, capture_output=True, text=True, timeout=100
    )

    assert files
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
