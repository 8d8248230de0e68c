"""What all of chat's lists in the owners' admin have in common."""

from typing import ClassVar

from olympus.kernel.admin import LookOnly


class WithoutWords(LookOnly):
    """What rows are called tells nothing of what people wrote."""

    list_select_related: ClassVar = ["owner"]
    show_full_result_count = False  # conversations grow without end
