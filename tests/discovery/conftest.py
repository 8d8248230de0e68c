"""What tests of discovery may ask for."""

from tests.inference.conftest import in_background

__all__ = ["in_background"]
