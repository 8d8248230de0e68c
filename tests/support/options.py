"""Settings in tests: some of their own, and none stored by another test."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from olympus.kernel.options import Option, declare_option, declared, kept


@contextmanager
def declaring(name: str, kind: Any, default: Any, meaning: str, **more: Any) -> Iterator[Option]:
    """This will add a setting to the product, and take it out again at the end."""
    option = declare_option(name, kind, default, meaning, **more)
    try:
        yield option
    finally:
        declared._options.pop(name)


def hold_defaults() -> None:
    """This will take it that nothing is stored until something is changed here; it needs no query."""
    kept._here.is_changing = False
    kept._complained_of.clear()
    kept._known = kept._Known({}, 0.0, math.inf)
