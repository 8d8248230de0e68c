"""Reading JSON bodies: bounded in size and depth, every text storable."""

from typing import Any

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

from olympus.kernel.text import clean_data

# Deeper than any JSON Schema people write, and far from what recursion takes.
MAX_DEPTH = 64


class BodyTooLarge(APIException):
    """The body is larger than what this address takes."""

    status_code = 413
    default_code = "too_large"


class JsonParser(BaseParser):
    """JSON as RFC 8259 has it: no NaN, no endless numbers; NUL and lone surrogates become U+FFFD."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Read the body whole, since it is small, and give plain data."""
        limit_bytes: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit_bytes + 1)
        if len(body) > limit_bytes:
            raise BodyTooLarge(
                _("This is larger than the %(bytes)d bytes a JSON body may have.") % {"bytes": limit_bytes}
            )
        try:
            data = msgspec.json.decode(body)
        except RecursionError as error:
            raise _too_deep() from error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ParseError(_("This is not JSON: %(reason)s") % {"reason": str(error)[:200]}) from error
        if _is_deeper(data, MAX_DEPTH):
            raise _too_deep()
        return clean_data(data)


def _too_deep() -> ParseError:
    return ParseError(_("The JSON is nested more than %(levels)d levels deep.") % {"levels": MAX_DEPTH})


def _is_deeper(data: Any, levels: int) -> bool:
    layer = [data] if isinstance(data, dict | list) else []
    for _level in range(levels):
        insides = (outer.values() if isinstance(outer, dict) else outer for outer in layer)
        layer = [inner for inside in insides for inner in inside if isinstance(inner, dict | list)]
        if not layer:
            return False
    return True
