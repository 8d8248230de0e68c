"""Chat's REST operations, a resource a module."""
