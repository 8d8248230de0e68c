"""Olympus on one machine: set-up, the embedded stores, the supervisor, the test plugin."""
