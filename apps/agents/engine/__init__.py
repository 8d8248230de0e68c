"""The run engine in plain Python."""
