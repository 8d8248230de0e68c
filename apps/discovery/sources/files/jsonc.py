"""JSON as editors write it: with comments and commas after the last entry."""

import re
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from olympus.kernel.errors import Invalid

# Each pattern takes what it began to the end of the text if it is not closed, so no start is tried twice: the
# time grows with the text alone.
_STRING = r'"(?:[^"\\]|\\.)*+"?+'
_COMMENTS = re.compile(_STRING + r"|//[^\n]*+|/\*.*?(?:\*/|\Z)", re.DOTALL)
_COMMAS = re.compile(_STRING + r"|,(?=\s*+[}\]])", re.DOTALL)
# People write comments into files of some kilobytes; programs, whose files are large, write none.
_LONGEST_COMMENTED = 512 * 1024


def parse_json(text: str) -> Any:
    """This will read JSON, also with comments and trailing commas.

    Raises:
        Invalid: it is no such text, or nested so deep that no list of servers is meant.
    """
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        if len(text) > _LONGEST_COMMENTED:
            raise Invalid(_("The file is not JSON: %(why)s.") % {"why": _where(error)}, field="file") from error
    except RecursionError as error:
        raise Invalid(_("The file is nested too deep."), field="file") from error
    try:
        return msgspec.json.decode(_plain(text))
    except RecursionError as error:
        raise Invalid(_("The file is nested too deep."), field="file") from error
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise Invalid(_("The file is not JSON: %(why)s.") % {"why": _where(error)}, field="file") from error


def _plain(text: str) -> str:
    text = _COMMENTS.sub(lambda found: found[0] if found[0].startswith('"') else " ", text)
    return _COMMAS.sub(lambda found: found[0] if found[0].startswith('"') else " ", text)


def _where(error: Exception) -> str:
    """The parser's words name a place and never show the text."""
    return str(error)[:200]
