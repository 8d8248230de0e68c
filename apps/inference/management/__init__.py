"""Commands of the inference app."""
