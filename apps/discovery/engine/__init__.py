"""Decisions of discovery in plain Python: what may be touched, what an answer means, how a service is."""
