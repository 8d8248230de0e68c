"""Browser code as one script, for a page that is not the product's."""

import subprocess
from pathlib import Path

from olympus.runtime.frontend import find_node
from olympus.runtime.places import ROOT

_BUNDLE = """
import esbuild from 'esbuild';
const built = await esbuild.build({ entryPoints: [process.argv[1]], bundle: true, format: 'iife', write: false,
  logLevel: 'error' });
process.stdout.write(built.outputFiles[0].text);
"""


def bundled(entry: Path) -> str:
    """This will bundle a module with all it imports."""
    node, _npm = find_node()
    command: list[str | Path] = [node, "--input-type=module", "-e", _BUNDLE, str(entry)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT / "frontend", timeout=60)
    return done.stdout
