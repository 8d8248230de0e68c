"""Chat's reads, a topic a module."""

from apps.chat.selectors.branches import branch_above, newest_of_branch
from apps.chat.selectors.listing import conversations_of

__all__ = ["branch_above", "conversations_of", "newest_of_branch"]
