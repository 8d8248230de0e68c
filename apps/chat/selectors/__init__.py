"""Chat's reads, a topic a module."""

from apps.chat.selectors.branches import StoredTree, branch_above
from apps.chat.selectors.listing import conversations_of
from apps.chat.selectors.presets import default_settings
from apps.chat.selectors.siblings import compared_with, siblings_of

__all__ = ["StoredTree", "branch_above", "compared_with", "conversations_of", "default_settings", "siblings_of"]
