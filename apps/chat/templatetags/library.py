"""Values of presets as forms take them."""

import json
from typing import Any

from django import template

register = template.Library()


@register.filter
def plain_number(value: Any) -> str:
    """This will write a number as a number field reads it, whatever the language; nothing for none."""
    return json.dumps(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


@register.filter
def as_json(value: Any) -> str:
    """This will write plain data for a data attribute; the template escapes it."""
    return json.dumps(value or {})
