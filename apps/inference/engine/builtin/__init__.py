"""The built-in engine: what Olympus answers by itself when no language model is connected."""

from apps.inference.engine.builtin.client import MODEL_NAME, BuiltinClient

__all__ = ["MODEL_NAME", "BuiltinClient"]
