"""Answers that were given before: the same request, or a question that means the same."""
