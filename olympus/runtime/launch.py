"""The first step of every command in bin/: find a Python that is new enough, then set up and go on.

Written so that an old Python can read it and say what is missing.
"""

import os
import shutil
import sys

_OLDEST = (3, 11)
_NAMES = ("python3.11", "python3.12", "python3.13", "python3.14")


def main(command):  # type: ignore[no-untyped-def]
    """This will run a command of bin/ by name."""
    if sys.version_info < _OLDEST:
        for name in _NAMES:
            newer = shutil.which(name)
            if newer:
                os.execv(newer, [newer, *sys.argv])  # noqa: S606 - a program found by its fixed name
        sys.exit("Olympus needs Python 3.11 or later; this is " + sys.version.split()[0] + ".")
    from olympus.runtime.entry import run  # noqa: PLC0415 - it does not parse on an old Python

    run(command, sys.argv[1:])
