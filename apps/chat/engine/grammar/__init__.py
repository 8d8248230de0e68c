"""What Olympus adds to Markdown; rule for rule the same as frontend/src/chat/grammar/."""
