"""A worker process's own event loop, and the runs it carries."""
