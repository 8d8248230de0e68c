"""Chat in the owners' admin: that things are there, whose and how large; nobody's words.

Owners keep the machine running and do not read along: titles, names, texts and files are left out.
"""

from apps.chat.admin import conversations, library, transfers

__all__ = ["conversations", "library", "transfers"]
