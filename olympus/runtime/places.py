"""Where things lie: the checkout, its environment, the data folder."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def data_folder(chosen: Path | None = None) -> Path:
    """This will name the folder that holds everything Olympus keeps."""
    return Path(chosen or os.environ.get("OLYMPUS_DATA") or ROOT / "var").absolute()
