"""All that chat's templates show, computed; a page a module."""

from apps.chat.pages.chat import conversation_page, new_chat_page
from apps.chat.pages.rail import rail_context, rail_of
from apps.chat.pages.turns import turns_in

__all__ = ["conversation_page", "new_chat_page", "rail_context", "rail_of", "turns_in"]
