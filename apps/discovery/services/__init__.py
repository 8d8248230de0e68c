"""The write verbs of discovery, one topic a file."""
