"""Chat's pages by topic."""
