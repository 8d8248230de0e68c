"""The settings of the gateway an owner may change."""

from typing import Annotated

import msgspec
from django.utils.translation import gettext_lazy as _

from olympus.kernel.options import declare_option, option_value

_MEGABYTE = 1024 * 1024

# A prompt of a million tokens, or a few photographs, fits into ten megabytes.
BODY_MEGABYTES = declare_option(
    "gateway.body_megabytes",
    Annotated[int, msgspec.Meta(ge=1, le=1024)],
    10,
    _("How large a request of a program may be, with its pictures and files."),
    label=_("Largest request"),
    unit=_("MB"),
)


def body_limit_bytes() -> int:
    """This will read how large a request may be."""
    return int(option_value(BODY_MEGABYTES)) * _MEGABYTE
