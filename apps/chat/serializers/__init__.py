"""Chat's REST shapes, a resource a module."""
