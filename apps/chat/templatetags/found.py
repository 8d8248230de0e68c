"""What a search found, as its page shows it."""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from apps.chat.engine.search import Piece

register = template.Library()


@register.filter
def marked(pieces: Iterable[Piece]) -> SafeString:
    """This will write pieces of a text with what matched marked; text never becomes markup."""
    texts = ((escape(piece.text), piece.is_match) for piece in pieces)
    # A page has a thousand pieces: `format_html` would take longer for them than the search did.
    written = "".join([f"<mark>{text}</mark>" if is_match else text for text, is_match in texts])
    return mark_safe(written)  # noqa: S308 - every text was escaped
